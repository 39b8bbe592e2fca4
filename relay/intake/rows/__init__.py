"""A table becomes rows: each column is taken as a field or left behind, and each row is read, fact by fact.

It touches the table alone; only `mapping` asks the database, for what HR said of columns before.
"""
