"""The page behind a relay link: the offer, registering, declining, confirming another address."""
