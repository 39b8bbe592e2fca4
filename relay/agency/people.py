"""The list of codes, and one person whose opening is recorded."""
