"""Public answers of a company: its purposes and its privacy text, in versions, and records of provision."""
