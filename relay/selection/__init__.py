"""Positions, applications and how they end."""
