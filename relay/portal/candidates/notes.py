"""Memos put right or removed, for the person may ask to see them (A-12); each can be taken back for a day."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.candidates import notes
from relay.candidates.sensitive import SensitiveWords
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Note
from relay.portal import portal
from relay.web import page


@portal.get("/pool/<int:candidate_id>/notes/<int:note_id>")
@needs("pool:write")
def record_note(candidate_id: int, note_id: int) -> AnyResponse:
    """Show one memo, to be put right or removed."""
    note = _note_of(candidate_id, note_id)
    return _shown(note) if note else _gone(candidate_id)


@portal.post("/pool/<int:candidate_id>/notes/<int:note_id>")
@needs("pool:write")
def record_note_save(candidate_id: int, note_id: int) -> AnyResponse:
    """Keep the memo as it was put right; words the law keeps out are asked about once (A-22)."""
    note, session = _note_of(candidate_id, note_id), db.session()
    if note is None:
        return _gone(candidate_id)
    body, seen, confirmed = request.form.get("body", ""), request.form.get("seen", ""), "confirmed" in request.form
    try:
        by = member().user_id
        entry_id = notes.change_note(session, note, body, seen=seen, by_user_id=by, confirmed=confirmed)
    except SensitiveWords as asked:
        return _shown(note, status=422, typed=body, asking=str(asked))
    except DomainError as refused:
        return _shown(note, status=409, typed=body, refused=str(refused))
    session.commit()
    return _done(candidate_id, _("メモを編集しました") if entry_id else _("変わったところはありませんでした"), entry_id)


@portal.post("/pool/<int:candidate_id>/notes/<int:note_id>/removal")
@needs("pool:write")
def record_note_remove(candidate_id: int, note_id: int) -> AnyResponse:
    """Remove the memo; doing it twice changes nothing."""
    note, session = _note_of(candidate_id, note_id), db.session()
    if note is None:
        return _gone(candidate_id)
    try:
        entry_id = notes.remove_note(session, note, seen=request.form.get("seen", ""), by_user_id=member().user_id)
    except DomainError as refused:
        return _shown(note, status=409, refused=str(refused))
    session.commit()
    return _done(candidate_id, _("メモを削除しました"), entry_id)


_NOTE = select(Note).where(Note.id == bindparam("note"), Note.candidate_id == bindparam("person"))


def _note_of(candidate_id: int, note_id: int) -> Note | None:
    """Return the memo as it is now, locked until the request ends; None where it was removed meanwhile."""
    candidate_or_404(candidate_id)
    statement = _NOTE.with_for_update() if request.method == "POST" else _NOTE
    return db.session.scalars(statement, {"note": note_id, "person": candidate_id}).one_or_none()


def _gone(candidate_id: int) -> AnyResponse:
    flash(_("このメモは、すでに削除されています。"), "warning")
    return redirect(url_for("portal.record", candidate_id=candidate_id), 303)


def _done(candidate_id: int, told: str, entry_id: int | None) -> AnyResponse:
    flash(told, f"undo:{entry_id}" if entry_id else "message")
    return redirect(url_for("portal.record", candidate_id=candidate_id), 303)


def _shown(
    note: Note, *, status: int = 200, typed: str | None = None, asking: str = "", refused: str = ""
) -> AnyResponse:
    """Show the form; after a refusal with what was typed, beside what is kept now."""
    return page(
        "portal/candidates/note.html",
        status=status,
        note=note,
        typed=note.body if typed is None else typed,
        seen=notes.version(db.session(), note),
        asking=asking,
        refused=refused,
        back=url_for("portal.record", candidate_id=note.candidate_id),
    )
