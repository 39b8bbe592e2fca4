"""Companies, users, roles, passwords, sessions, invitations and second factors: who is signed in, and what each may do.

It may queue letters about logins; it knows nothing of candidates beyond whether a company has any.
"""
