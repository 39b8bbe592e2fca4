"""Companies, users, roles and sessions: who is who, and what each may do."""
