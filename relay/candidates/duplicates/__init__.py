"""Likely the same person: keys, comparison, the review queue and merging. Nothing here merges by itself."""
