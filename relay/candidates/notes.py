"""Memos about a candidate (メモ), kept inside the company (A-12) and disclosed to the person on request."""

from datetime import date, datetime, time

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.sensitive import refuse_sensitive
from relay.errors import DomainError
from relay.indexing import search_rows
from relay.models import ActionKind, Candidate, ContactChannel, EventTag, Note, event_data, journal, record
from relay.text import clean_block

MAX_LENGTH = 10_000


class NoteMissing(DomainError):
    """Raise for a note without text."""

    code = "note-missing"
    message = _l("メモの内容を入力してください。")


class NoteTooLong(DomainError):
    """Raise for a note longer than MAX_LENGTH characters."""

    code = "note-too-long"

    def __init__(self, length: int) -> None:
        super().__init__(
            _l(
                "メモは%(most)s文字までです（いま%(length)s文字）。分けて保存してください。",
                most=f"{MAX_LENGTH:,}",
                length=f"{length:,}",
            )
        )


def add_note(
    session: Session, candidate: Candidate, body: str, *, by_user_id: int | None, confirmed: bool = False
) -> Note:
    """Keep a memo on the candidate.

    Raises NoteMissing, NoteTooLong, and SensitiveWords for words the law keeps out unless `confirmed` (A-22).
    """
    note = Note(body=_readable(body, confirmed), at=clock.now(), by_user_id=by_user_id)
    return _keep(session, candidate, note)


def add_reply(
    session: Session,
    candidate: Candidate,
    body: str,
    *,
    contact_channel: ContactChannel,
    day: date,
    by_user_id: int | None,
    confirmed: bool = False,
) -> Note:
    """Keep what the person said outside Relay, under the day they said it. Raises as `add_note` does."""
    at = clock.now() if day == clock.today() else datetime.combine(day, time(), clock.JAPAN)
    note = Note(body=_readable(body, confirmed), contact_channel=contact_channel, at=at, by_user_id=by_user_id)
    return _keep(session, candidate, note)


class NoteChanged(DomainError):
    """Raise where the note was changed or removed after the form was opened."""

    code = "note-changed"
    message = _l(
        "このメモは、ほかの画面から先に変更されました。編集も削除もしていません。いまの内容を確認してください。"
    )


def version(session: Session, note: Note) -> str:
    """Return a short hash of the memo as it is now; a form carries it, so that no change is overwritten unseen."""
    _id, values = next(journal.read(session, Note, note.company_id, [note.id]))
    return journal.fingerprint(values)


def change_note(
    session: Session, note: Note, body: str, *, seen: str, by_user_id: int | None, confirmed: bool = False
) -> int | None:
    """Put a memo right; returns the journal's entry, None where nothing changed.

    Raises NoteChanged unless it is as it was `seen`, and what `add_note` raises.
    """
    text = _readable(body, confirmed)
    if text == note.body:
        return None
    if version(session, note) != seen:
        raise NoteChanged
    with journal.kept(session, note.company_id, ActionKind.EDITED, by_user_id=by_user_id) as recorder:
        recorder.will_change(Note, [note.id])
        note.body = text
    _told(session, EventTag.NOTE_CHANGED, note)
    return recorder.entry.id if recorder.entry else None


def remove_note(session: Session, note: Note, *, seen: str, by_user_id: int | None) -> int | None:
    """Remove a memo; returns the journal's entry. Raises NoteChanged unless it is as it was `seen`."""
    if version(session, note) != seen:
        raise NoteChanged
    with journal.kept(session, note.company_id, ActionKind.EDITED, by_user_id=by_user_id) as recorder:
        recorder.will_change(Note, [note.id])
        session.delete(note)
    _told(session, EventTag.NOTE_REMOVED, note)
    return recorder.entry.id if recorder.entry else None


def _told(session: Session, tag: EventTag, note: Note) -> None:
    subject, data = ("candidate", note.candidate_id), event_data.NoteKept(note_id=note.id)
    record(session, tag, company_id=note.company_id, subject=subject, data=data)
    search_rows.index(session, [note.candidate_id])


def _readable(body: str, confirmed: bool) -> str:
    text = clean_block(body).strip()
    if not text:
        raise NoteMissing
    if len(text) > MAX_LENGTH:
        raise NoteTooLong(len(text))
    refuse_sensitive(text, confirmed)
    return text


def _keep(session: Session, candidate: Candidate, note: Note) -> Note:
    note.company_id, note.candidate_id = candidate.company_id, candidate.id
    session.add(note)
    session.flush()
    _told(session, EventTag.NOTE_ADDED, note)
    return note
