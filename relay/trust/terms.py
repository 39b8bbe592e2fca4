"""For how many months a company keeps its candidates, by the basis on which it may (A-24)."""

from relay.models import RetentionBasis

MONTHS = {RetentionBasis.SELECTION: 6, RetentionBasis.STATED: 6, RetentionBasis.CONSENTED: 12}
"""The law names no number; these are Relay's own, and "for ever" is not among them."""
