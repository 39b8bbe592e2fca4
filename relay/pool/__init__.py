"""Candidates as a company keeps them: search, tags, memos, dates of deletion, and what happened to each."""
