"""Home: what to do today, the ten legs, the figures."""
