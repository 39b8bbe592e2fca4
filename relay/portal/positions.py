"""Positions (求人)."""
