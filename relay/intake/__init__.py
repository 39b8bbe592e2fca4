"""Candidates as they come in: a file is read row by row, planned, shown, and only then written; or typed by hand.

It may write candidates and hiring through their verbs or its own bulk insert, and knows nothing of mails and partners.
"""
