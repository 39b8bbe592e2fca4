"""Mailed six-digit codes: a keyed hash at rest, ten minutes, five tries (C-18, E-6)."""

import secrets
import unicodedata
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import keyed
from relay.models import CodePurpose, MailedCode, moments
from relay.models.upsert import upsert
from relay.tokens import same

DIGITS = 6
LIVES = timedelta(minutes=10)
TRIES = 5
INSTALLATION = 0
"""What a code is about that proves the installation's server: no company."""


class Verdict(StrEnum):
    """The result of typing a code."""

    RIGHT = "right"
    WRONG = "wrong"
    GONE = "gone"
    """There is none to try: never made, too old, or tried too often."""


def new_code() -> str:
    """Six random digits, for one mail; at rest there is only their hash."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def keep(session: Session, purpose: CodePurpose, subject_id: int, code: str) -> None:
    """Remember a code that was mailed; the one before is void, and the tries are counted from zero."""
    moment = clock.now()
    fresh = {
        "code_hash": _hash(purpose, subject_id, code),
        "tries": 0,
        "created_at": moment,
        "expires_at": moment + LIVES,
    }
    statement = upsert(session, MailedCode).values(purpose=purpose, subject_id=subject_id, **fresh)
    session.execute(
        statement.on_conflict_do_update(index_elements=[MailedCode.purpose, MailedCode.subject_id], set_=fresh)
    )


_AWAITED = select(MailedCode.id).where(
    MailedCode.purpose == bindparam("purpose"),
    MailedCode.subject_id == bindparam("subject"),
    MailedCode.expires_at > moments.now(),
    MailedCode.tries < TRIES,
)


def is_awaited(session: Session, purpose: CodePurpose, subject_id: int) -> bool:
    """Return whether a mailed code may still be typed."""
    return session.scalars(_AWAITED, {"purpose": purpose, "subject": subject_id}).first() is not None


def prove(session: Session, purpose: CodePurpose, subject_id: int, typed: str) -> Verdict:
    """Try a code as typed, in any width and with spaces (F-12). Each try counts, so commit whatever the verdict.

    The try is counted in the statement that reads the code: tries made at once are counted one after the other.
    """
    counted = update(MailedCode).where(*_open(purpose, subject_id)).values(tries=MailedCode.tries + 1)
    code_hash = session.execute(counted.returning(MailedCode.code_hash)).scalar_one_or_none()
    if code_hash is None:
        return Verdict.GONE
    if not same(code_hash, _hash(purpose, subject_id, _digits(typed))):
        return Verdict.WRONG
    forget(session, purpose, subject_id)
    return Verdict.RIGHT


def forget(session: Session, purpose: CodePurpose, subject_id: int) -> None:
    """Let no mailed code prove anything any more."""
    session.execute(delete(MailedCode).where(MailedCode.purpose == purpose, MailedCode.subject_id == subject_id))


def sweep(session: Session) -> None:
    """Remove codes that are over."""
    session.execute(delete(MailedCode).where(MailedCode.expires_at <= clock.now()))


def _open(purpose: CodePurpose, subject_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        MailedCode.purpose == purpose,
        MailedCode.subject_id == subject_id,
        MailedCode.expires_at > clock.now(),
        MailedCode.tries < TRIES,
    )


def _hash(purpose: CodePurpose, subject_id: int, code: str) -> str:
    return keyed(f"code:{purpose.value}", f"{subject_id}:{code}")


def _digits(typed: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign.isdecimal())[: DIGITS + 1]
