"""Candidates as a company keeps them: facts, contacts, follow-ups, notes, tags, files, duplicates, dates of deletion.

It knows no application and no position: what these say of a candidate is added by the rooms above.
"""
