"""A partner's memos about a person: written, put right by their author, removed. The portal's pages stay read-only."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent
from relay.access.permissions import needs
from relay.account import my_account
from relay.account.shared_people import back_to, held_person
from relay.errors import DomainError
from relay.extensions import db
from relay.identity.roles import may
from relay.models import PartnerNote
from relay.network import partner_notes
from relay.network.partner_notes import SensitivePartnerNote
from relay.web import page


@my_account.get("/people/<code>/notes")
@needs("people:mark")
def person_notes(code: str) -> AnyResponse:
    """Show the form for a memo by itself: what a reloaded answer leads to."""
    held_person(code)
    return _shown(code)


@my_account.post("/people/<code>/notes")
@needs("people:mark")
def person_notes_add(code: str) -> AnyResponse:
    """Keep a memo on the person; words the law keeps out are asked about once (A-22)."""
    session, profile_id, body = db.session(), held_person(code), request.form.get("body", "")
    confirmed = "confirmed" in request.form
    try:
        partner_notes.add(
            session, agent().partner_id, profile_id, body, by_user_id=agent().user_id, confirmed=confirmed
        )
    except SensitivePartnerNote as asked:
        return _shown(code, status=422, typed=body, asking=str(asked))
    except DomainError as refused:
        return _shown(code, status=422, typed=body, refused=str(refused))
    session.commit()
    return _done(code, _("メモを保存しました"))


@my_account.get("/people/<code>/notes/<int:note_id>")
@needs("people:mark")
def person_note(code: str, note_id: int) -> AnyResponse:
    """Show one memo to its author, to be put right or removed; to a lead, to be removed."""
    note = _removable_note(code, note_id)
    return _shown(code, note) if note else _gone(code)


@my_account.post("/people/<code>/notes/<int:note_id>")
@needs("people:mark")
def person_note_save(code: str, note_id: int) -> AnyResponse:
    """Keep the memo as it was put right."""
    note, body = _own_note(code, note_id), request.form.get("body", "")
    if note is None:
        return _gone(code)
    try:
        seen, confirmed = request.form.get("seen", ""), "confirmed" in request.form
        changed = partner_notes.change(note, body, seen=seen, confirmed=confirmed)
    except SensitivePartnerNote as asked:
        return _shown(code, note, status=422, typed=body, asking=str(asked))
    except partner_notes.PartnerNoteChanged as refused:
        return _shown(code, note, status=409, typed=body, refused=str(refused))
    except DomainError as refused:
        return _shown(code, note, status=422, typed=body, refused=str(refused))
    db.session.commit()
    return _done(code, _("メモを編集しました") if changed else _("変わったところはありませんでした"))


@my_account.post("/people/<code>/notes/<int:note_id>/removal")
@needs("people:mark")
def person_note_remove(code: str, note_id: int) -> AnyResponse:
    """Remove the memo for good; doing it twice changes nothing."""
    note, session = _removable_note(code, note_id), db.session()
    if note is None:
        return _gone(code)
    try:
        partner_notes.remove(session, note, seen=request.form.get("seen", ""))
    except partner_notes.PartnerNoteChanged as refused:
        return _shown(code, note, status=409, refused=str(refused))
    session.commit()
    return _done(code, _("メモを削除しました"))


def _own_note(code: str, note_id: int) -> PartnerNote | None:
    profile_id, here = held_person(code), agent()
    return partner_notes.find(db.session(), here.partner_id, profile_id, note_id, by_user_id=here.user_id)


def _removable_note(code: str, note_id: int) -> PartnerNote | None:
    """Return the author's own memo; a lead answers for everybody's, also of those who left."""
    profile_id, here = held_person(code), agent()
    author = None if may(here.role, "organisation:write") else here.user_id
    return partner_notes.find(db.session(), here.partner_id, profile_id, note_id, by_user_id=author)


def _gone(code: str) -> AnyResponse:
    flash(_("このメモは、すでに削除されているか、ほかの担当者のメモです。何も変更していません。"), "warning")
    return redirect(f"{back_to(code)}#notes", 303)


def _done(code: str, told: str) -> AnyResponse:
    flash(told)
    return redirect(f"{back_to(code)}#notes", 303)


def _shown(
    code: str,
    note: PartnerNote | None = None,
    *,
    status: int = 200,
    typed: str | None = None,
    asking: str = "",
    refused: str = "",
) -> AnyResponse:
    """Show the form; after a refusal with what was typed, beside what is kept now."""
    here = {"code": code, "note_id": note.id} if note else {"code": code}
    return page(
        "account/person_note.html",
        status=status,
        code=code,
        note=note,
        own=note is None or note.by_user_id == agent().user_id,
        typed=(note.body if note else "") if typed is None else typed,
        seen=partner_notes.version(note) if note else "",
        asking=asking,
        refused=refused,
        here=url_for("my_account.person_note_save" if note else "my_account.person_notes_add", **here),
        most=partner_notes.MAX_LENGTH,
        back=back_to(code),
    )
