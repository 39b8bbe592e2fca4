"""Memos (メモ) that a partner keeps about a person it is given: its own rows, which touch nothing that is provided.

A caller finds the person by `sharing.hold`, which raises where nothing is shown and keeps a withdrawal waiting. With
the last share all of it ends (`relay.network.partner_people`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, false, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import PartnerNote, User, scopes
from relay.models.prepared import Prepared
from relay.text import clean_block, sensitive_words

MAX_LENGTH = 2_000
MAX_NOTES = 100
"""So many memos a partner keeps about one person, all of which the person's page shows."""


class PartnerNoteMissing(DomainError):
    """Raise for a memo without text."""

    code = "partner-note-missing"
    message = _l("メモの内容を入力してください。まだ保存していません。")


class PartnerNoteTooLong(DomainError):
    """Raise for a memo longer than MAX_LENGTH characters."""

    code = "partner-note-too-long"

    def __init__(self, length: int) -> None:
        super().__init__(
            _l(
                "メモは%(most)s文字までです（いま%(length)s文字）。まだ保存していません。分けて保存してください。",
                most=f"{MAX_LENGTH:,}",
                length=f"{length:,}",
            )
        )


class TooManyPartnerNotes(DomainError):
    """Raise where MAX_NOTES memos are kept about the person already."""

    code = "too-many-partner-notes"

    def __init__(self) -> None:
        super().__init__(
            _l(
                "メモは、お一人につき%(most)s件までです。まだ保存していません。要らなくなったメモを削除するか、いまのメモに書き足してください。",
                most=MAX_NOTES,
            )
        )


class SensitivePartnerNote(DomainError):
    """Raise for words the law keeps out, until a person confirms that they belong there (A-22)."""

    code = "sensitive-words-in-partner-note"

    def __init__(self, words: Collection[str]) -> None:
        super().__init__(
            _l(
                "%(words)sは、法律で集めることが制限されている内容かもしれません。ご本人への対応に必要のないことは書き直し、"
                "仕事の話など問題のない内容であれば、確認してから保存してください。",
                words="".join(f"「{word}」" for word in words),
            )
        )


class PartnerNoteChanged(DomainError):
    """Raise where the memo was changed after the form was opened."""

    code = "partner-note-changed"
    message = _l(
        "このメモは、ほかの画面から先に変更されました。編集も削除もしていません。いまの内容を確認してください。"
    )


@dataclass(frozen=True)
class NoteLine:
    """One memo as the person's page shows it: by whom, and whether the reader may change it."""

    id: int
    body: str
    at: datetime
    changed_at: datetime | None
    author: str
    own: bool


def of_person(session: Session, partner_id: int, profile_id: int, *, reader_id: int) -> list[NoteLine]:
    """Return what the partner keeps about the person, the newest first."""
    with scopes.partner(session, partner_id):
        return _NOTES.all(session, profile_id=profile_id, reader_id=reader_id)


_NOTES = Prepared(
    select(
        PartnerNote.id,
        PartnerNote.body,
        PartnerNote.at,
        PartnerNote.changed_at,
        func.coalesce(User.name, ""),
        func.coalesce(PartnerNote.by_user_id == bindparam("reader_id"), false()),
    )
    .outerjoin(User, User.id == PartnerNote.by_user_id)
    .where(PartnerNote.profile_id == bindparam("profile_id"), PartnerNote.ended_at.is_(None))
    .order_by(PartnerNote.id.desc())
    .limit(MAX_NOTES),
    NoteLine,
)


def find(
    session: Session, partner_id: int, profile_id: int, note_id: int, *, by_user_id: int | None
) -> PartnerNote | None:
    """Return a memo of the author, or of anybody for None; None where it is gone, another's or of another person."""
    found = _current(profile_id).where(PartnerNote.id == note_id)
    if by_user_id is not None:
        found = found.where(PartnerNote.by_user_id == by_user_id)
    with scopes.partner(session, partner_id):
        return session.scalars(found).one_or_none()


def add(
    session: Session, partner_id: int, profile_id: int, body: str, *, by_user_id: int, confirmed: bool = False
) -> PartnerNote | None:
    """Keep a memo on the person; None where the same author has just kept the same words (a form that was sent twice).

    Raises PartnerNoteMissing, PartnerNoteTooLong, TooManyPartnerNotes, and SensitivePartnerNote unless `confirmed`.
    """
    text = _readable(body, confirmed)
    with scopes.partner(session, partner_id):
        kept = session.execute(
            _current(profile_id)
            .with_only_columns(PartnerNote.body, PartnerNote.by_user_id)
            .order_by(PartnerNote.id.desc())
            .limit(MAX_NOTES)
        ).all()
    if kept and kept[0] == (text, by_user_id):
        return None
    if len(kept) == MAX_NOTES:
        raise TooManyPartnerNotes
    note = PartnerNote(partner_id=partner_id, profile_id=profile_id, body=text, by_user_id=by_user_id, at=clock.now())
    session.add(note)
    session.flush()
    return note


def version(note: PartnerNote) -> str:
    """Return a short hash of the memo as it is now; a form carries it, so that no change is overwritten unseen."""
    return sha256(note.body.encode()).hexdigest()[:16]


def change(note: PartnerNote, body: str, *, seen: str, confirmed: bool = False) -> bool:
    """Put a memo right; returns whether anything changed.

    Raises PartnerNoteChanged unless it is as it was `seen`, and what `add` raises.
    """
    text = _readable(body, confirmed)
    if text == note.body:
        return False
    if version(note) != seen:
        raise PartnerNoteChanged
    note.body, note.changed_at = text, clock.now()
    return True


def remove(session: Session, note: PartnerNote, *, seen: str) -> None:
    """Remove a memo for good. Raises PartnerNoteChanged unless it is as it was `seen`."""
    if version(note) != seen:
        raise PartnerNoteChanged
    session.delete(note)
    session.flush()


def _current(profile_id: int) -> Any:
    return select(PartnerNote).where(PartnerNote.profile_id == profile_id, PartnerNote.ended_at.is_(None))


def _readable(body: str, confirmed: bool) -> str:
    text = clean_block(body)
    if not text:
        raise PartnerNoteMissing
    if len(text) > MAX_LENGTH:
        raise PartnerNoteTooLong(len(text))
    if not confirmed and (words := sensitive_words(text)):
        raise SensitivePartnerNote(words)
    return text
