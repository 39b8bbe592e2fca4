"""Candidates as a company keeps them: facts, calls and mails, follow-ups, notes, tags, files, duplicates, retention.

How many months each reason keeps a candidate is said here. The room knows no application and no position: what these
say of a candidate is added by the rooms above.
"""
