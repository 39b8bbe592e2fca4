"""The public answers of a company (purposes, privacy text in versions), records of provision, signatures of receipts.

It touches these tables alone; whom something was provided to is told to it by the rooms above.
"""
