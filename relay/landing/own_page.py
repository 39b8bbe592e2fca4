"""The candidate's own page: consents, withdrawal, provisions."""
