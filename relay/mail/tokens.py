"""Mailed secrets: made while a mail is sent, kept as a hash, good for one purpose (C-17), found by the hash alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.models import Token, TokenPurpose
from relay.tokens import new_token, token_hash


@dataclass(frozen=True)
class Link:
    """The page a token opens, declared once by the room whose page that is."""

    purpose: str
    """Which tokens open the page, and no others (C-17): a TokenPurpose, or the word of a link that one room uses."""
    lifetime: timedelta | None
    """How long a token opens it unless told otherwise (C-18); None is without end."""
    path: str = ""
    """The path of the page as mails have it: the token is the rest. Empty where no mail leads there."""
    key: str = ""
    """Under which name the templates of a letter find the address."""


_links: dict[str, Link] = {}


def register(*links: Link) -> None:
    """Make links known (see relay.registry)."""
    _links.update({link.purpose: link for link in links})


def link_of(purpose: str) -> Link:
    """Return the link that tokens of this purpose open. Raises KeyError where none is declared."""
    return _links[purpose]


def paths() -> dict[str, str]:
    """Return purpose → path of every page that a mailed link opens."""
    return {purpose: link.path for purpose, link in _links.items() if link.path}


def mint(
    session: Session,
    purpose: str,
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

    Earlier tokens of the same subject stay valid, so a mail sent twice has two good links. Raises KeyError for a
    purpose that no link declares.
    """
    token, row = _made(purpose, subject_id, lifetime)
    row.company_id, row.candidate_id, row.profile_id = company_id, candidate_id, profile_id
    row.message_id, row.address_hash = message_id, address_hash
    session.add(row)
    session.flush()
    return token


def mint_each(session: Session, purpose: str, candidates: Mapping[int, int], *, company_id: int) -> dict[int, str]:
    """Make a token for each subject (subject → its candidate) of a company, in one statement; subject → token."""
    made = {subject_id: _made(purpose, subject_id) for subject_id in candidates}
    for subject_id, (_token, row) in made.items():
        row.company_id, row.candidate_id = company_id, candidates[subject_id]
    session.add_all(row for _token, row in made.values())
    session.flush()
    return {subject_id: token for subject_id, (token, _row) in made.items()}


def _made(purpose: str, subject_id: int, lifetime: timedelta | None = None) -> tuple[str, Token]:
    token, moment = new_token(), clock.now()
    lives = lifetime or link_of(purpose).lifetime
    expires_at = moment + lives if lives else None
    row = Token(
        hash=token_hash(token), purpose=purpose, subject_id=subject_id, created_at=moment, expires_at=expires_at
    )
    return token, row


def url_of(purpose: str, token: str) -> str:
    """Return the address mailed for a token, under the configured base URL and never a request's host (C-21)."""
    settings: Settings = current_app.config["RELAY"]
    return f"{settings.base_url}{link_of(purpose).path}{token}"


def find(session: Session, token: str, purpose: str) -> Token | None:
    """Return the living token of this purpose; None alike for unknown, expired, revoked and foreign ones (C-20)."""
    return session.scalars(
        select(Token).where(
            Token.hash == token_hash(token),
            Token.purpose == purpose,
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > clock.now()),
        )
    ).one_or_none()


def revoke(session: Session, purpose: str, subject_id: int) -> int:
    """End every living token of a subject at once; returns how many there were."""
    ended = session.execute(
        update(Token)
        .where(Token.purpose == purpose, Token.subject_id == subject_id, Token.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(Token.id)
    )
    return len(ended.all())


def revoke_mailed_to(session: Session, purpose: str, address_hash: str) -> None:
    """End every living token of this purpose that left for the address of this hash, whatever its subject."""
    session.execute(
        update(Token)
        .where(Token.purpose == purpose, Token.address_hash == address_hash, Token.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def sweep(session: Session) -> None:
    """Delete the sessions of own pages that ran out."""
    session.execute(
        delete(Token).where(Token.purpose == TokenPurpose.OWN_PAGE_SESSION, Token.expires_at <= clock.now())
    )
