"""Stopping relay mail: a page for people, one click for mail programs (RFC 8058)."""
