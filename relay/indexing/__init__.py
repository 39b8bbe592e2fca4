"""The search row of each candidate, and the queue of candidates whom the rules look at again.

Every verb that changes how a candidate is found calls this room in its own transaction; it reads the tables of
candidates and hiring and imports neither.
"""
