"""/settings: the company, its members, partners, mail, privacy, and the operator."""
