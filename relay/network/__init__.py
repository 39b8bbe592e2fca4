"""Partners, relay links, profiles, consents and shares, referrals and the ledger of free introductions."""
