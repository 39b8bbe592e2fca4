"""/pool/duplicates: pairs of records that may be the same person."""
