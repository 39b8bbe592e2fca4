"""/pool/<id>: one candidate's record, its parts and its forms."""
