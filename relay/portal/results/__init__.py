"""/results: who is to hear a result, the drafts, and what has been sent."""
