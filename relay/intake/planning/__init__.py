"""Rows become a plan: people known already are found again, and what may change of them is decided in memory.

It reads the database in the company's scope and writes nothing.
"""
