"""Keyed hashes of mail addresses: the one function for opt-outs, relay links and once-for-life referrals."""

from flask import current_app

from relay.config import Settings
from relay.text import mail_key, mailbox_spellings
from relay.tokens import keyed_hash


def address_hash(address: str) -> str:
    """Return the installation's keyed hash of a mail address; two spellings of one address give the same (F-18).

    It outlives the address it was made of, and says nothing without the hash key (C-5).
    """
    settings: Settings = current_app.config["RELAY"]
    return keyed_hash(settings.hash_key, "address", mail_key(address) or address.strip().lower())


def mailbox_hashes(address: str) -> set[str]:
    """Return the hashes by which a mailbox is known: of the address, and of its plain spellings without a +tag.

    The same function as `address_hash`, so that what was counted by an address alone is found by its mailbox.
    """
    return {address_hash(each) for each in (address, *mailbox_spellings(address))}


def keyed(purpose: str, value: str) -> str:
    """Give the installation's keyed hash of any other value; `purpose` keeps two uses from matching."""
    settings: Settings = current_app.config["RELAY"]
    return keyed_hash(settings.hash_key, purpose, value)
