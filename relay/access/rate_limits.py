"""Limits on posts and on reading feeds in a minute, for an address and for a link."""

from datetime import timedelta

from flask import abort, g

from relay.access.context import client_address
from relay.extensions import db, settings, short_write
from relay.identity import throttle
from relay.mail import tokens
from relay.models import TokenPurpose
from relay.tokens import keyed_hash

POSTS_PER_ADDRESS = 120
POSTS_PER_TOKEN = 30
"""Enough for a person who settles everything on their own page in one go; tries of a number are counted apart."""
ONE_CLICKS_PER_TOKEN = 30
FEEDS_PER_ADDRESS = 120
"""Programs of many companies may ask from one address of their provider."""
READS_PER_FEED = 30
REQUESTS_PER_KEY = 600
WRONG_KEYS_PER_ADDRESS = 120
MINUTE = timedelta(minutes=1)


_ONE_CLICK = (TokenPurpose.UNSUBSCRIBE, TokenPurpose.ALERTS, TokenPurpose.MORNING, TokenPurpose.MONTH_REPORT)
"""Links that mail providers post to for a person (RFC 8058)."""


def limit_posts(token: str) -> None:
    """Count a post of the address it comes from, and of the link it goes to, if any."""
    _limit(f"posts:{throttle.origin(client_address())}", POSTS_PER_ADDRESS)
    if token:
        _limit(f"token:{token}", POSTS_PER_TOKEN)


def limit_one_click(token: str) -> None:
    """Mail providers stop mails for many people from one address (RFC 8058), so here only the link is counted.

    A link that opens nothing leaves no count behind.
    """
    if any(tokens.find(db.session(), token, purpose) is not None for purpose in _ONE_CLICK):
        _limit(f"one-click:{token}", ONE_CLICKS_PER_TOKEN)


def limit_feed_origin() -> None:
    """Count a request for a feed, whether it opens anything or not, of the address it comes from."""
    _limit(f"feeds:{throttle.origin(client_address())}", FEEDS_PER_ADDRESS)


def limit_feed(feed_id: int) -> None:
    """Count a request for one feed that is there."""
    _limit(f"feed:{feed_id}", READS_PER_FEED)


def limit_key_origin() -> None:
    """Count a request without a key in force, of the address it comes from; made-up keys leave no other row."""
    _limit(f"keys:{throttle.origin(client_address())}", WRONG_KEYS_PER_ADDRESS)


def limit_key(key_id: int) -> None:
    """Count a request with a key in force; the answer says how many are left in this minute."""
    g.requests_left = REQUESTS_PER_KEY - _limit(f"key:{key_id}", REQUESTS_PER_KEY)


def _limit(what: str, most: int) -> int:
    """Refuse with 429 past `most` in a minute, else return how many there were.

    It is counted in a transaction of its own, so a refusal counts too.
    """
    key = keyed_hash(settings().hash_key, "rate", what)
    with short_write() as session:
        count = throttle.hit(session, key, window=MINUTE)
    if count > most:
        abort(429)
    return count
