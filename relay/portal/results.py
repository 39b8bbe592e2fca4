"""Telling results."""
