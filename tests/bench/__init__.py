"""How fast the pages are, as ratios to what the bare driver and Jinja alone would need (`make bench`). Not a test."""
