"""`relay db`: the schema."""
