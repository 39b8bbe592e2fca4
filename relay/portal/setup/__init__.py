"""/setup: the first steps of a new company."""
