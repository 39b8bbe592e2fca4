"""The public answers of a company: its purposes, its privacy text in versions, and the records of provision.

It touches these tables alone; whom something was provided to is told to it by the rooms above.
"""
