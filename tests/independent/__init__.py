"""Programs that check what Relay keeps, with the standard library and plain SQL alone: they share nothing with it."""
