"""/applications: how candidates' applications stand, and what is recorded about them."""
