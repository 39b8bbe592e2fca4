"""/: the page HR begins the day with."""
