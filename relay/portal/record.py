"""One person on one page."""
