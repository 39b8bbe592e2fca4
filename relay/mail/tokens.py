"""Mailed secrets: made while a mail is sent, kept as a hash, good for one purpose (C-17), found by the hash alone."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.models import Token, TokenPurpose
from relay.tokens import new_token, token_hash

LIFETIMES: dict[TokenPurpose, timedelta | None] = {
    TokenPurpose.RELAY: timedelta(days=60),
    TokenPurpose.OWN_PAGE: None,
    TokenPurpose.OWN_PAGE_SESSION: timedelta(minutes=30),
    TokenPurpose.CHOOSE_PIN: timedelta(hours=24),
    TokenPurpose.CONFIRM_ADDRESS: timedelta(hours=24),
    TokenPurpose.AGREE_ADDRESS: timedelta(hours=24),
    TokenPurpose.UNSUBSCRIBE: None,
    TokenPurpose.PRACTICE: timedelta(days=14),
    TokenPurpose.SETUP: timedelta(hours=24),
    TokenPurpose.INVITE: timedelta(hours=72),
    TokenPurpose.PASSWORD: timedelta(minutes=60),
    TokenPurpose.NEW_EMAIL: timedelta(hours=24),
}
"""How long a token opens its page unless told otherwise (C-18); None is without end."""

PATHS = {
    TokenPurpose.RELAY: "/r/",
    TokenPurpose.OWN_PAGE: "/me/",
    TokenPurpose.CHOOSE_PIN: "/pin/",
    TokenPurpose.CONFIRM_ADDRESS: "/confirm/",
    TokenPurpose.AGREE_ADDRESS: "/agree/",
    TokenPurpose.UNSUBSCRIBE: "/u/",
    TokenPurpose.PRACTICE: "/practice/",
    TokenPurpose.SETUP: "/setup/",
    TokenPurpose.INVITE: "/invite/",
    TokenPurpose.PASSWORD: "/password/",
    TokenPurpose.NEW_EMAIL: "/new-email/",
}
"""The page a mailed token opens; the token is the rest of the path."""


def mint(
    session: Session,
    purpose: TokenPurpose,
    subject_id: int,
    *,
    company_id: int | None = None,
    candidate_id: int | None = None,
    profile_id: int | None = None,
    message_id: int | None = None,
    address_hash: str = "",
    lifetime: timedelta | None = None,
) -> str:
    """Make a token and return it, for the only time: the database keeps its hash.

    Earlier tokens of the same subject stay valid, so a mail sent twice has two good links.
    """
    token, moment = new_token(), clock.now()
    lives = lifetime or LIFETIMES[purpose]
    session.add(
        Token(
            hash=token_hash(token),
            purpose=purpose,
            subject_id=subject_id,
            company_id=company_id,
            candidate_id=candidate_id,
            profile_id=profile_id,
            message_id=message_id,
            address_hash=address_hash,
            created_at=moment,
            expires_at=moment + lives if lives else None,
        )
    )
    session.flush()
    return token


def url_of(purpose: TokenPurpose, token: str) -> str:
    """The address mailed for a token, under the configured base URL and never a request's host (C-21)."""
    settings: Settings = current_app.config["RELAY"]
    return f"{settings.base_url}{PATHS[purpose]}{token}"


def find(session: Session, token: str, purpose: TokenPurpose) -> Token | None:
    """The living token of this purpose; None alike for unknown, expired, revoked and foreign ones (C-20)."""
    return session.scalars(
        select(Token).where(
            Token.hash == token_hash(token),
            Token.purpose == purpose,
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > clock.now()),
        )
    ).one_or_none()


def revoke(session: Session, purpose: TokenPurpose, subject_id: int) -> int:
    """End every living token of a subject at once; returns how many there were."""
    ended = session.execute(
        update(Token)
        .where(Token.purpose == purpose, Token.subject_id == subject_id, Token.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(Token.id)
    )
    return len(ended.all())


def sweep(session: Session) -> None:
    """Delete the sessions of own pages that ran out."""
    session.execute(
        delete(Token).where(Token.purpose == TokenPurpose.OWN_PAGE_SESSION, Token.expires_at <= clock.now())
    )
