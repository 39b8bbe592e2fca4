"""The talent pool list."""
