"""/positions: the positions of a company."""
