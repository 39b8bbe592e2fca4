"""Partners, relay links, profiles, consents and shares, referrals and the ledger of free introductions.

It may read the candidate and the application a link was made for, and writes only what the person or a partner chose.
"""
