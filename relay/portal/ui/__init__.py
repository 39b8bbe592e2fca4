"""Pieces that pages of several resources share."""
