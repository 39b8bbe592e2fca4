"""Find candidates and applications: what HR types, the SQL it becomes, and what is counted, saved or exported of it.

It reads the tables of candidates and hiring, and writes saved searches alone; acts on what was found are above.
"""
