"""Company settings."""
