"""Rights of people towards us, and our promises: retention and erasure."""
