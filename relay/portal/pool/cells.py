"""Cells of the pool's list that are changed in place: the name with its reading, and the follow-up. Each can be taken
back.

Without script the same links lead to the pages where the record is put right.
"""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.bulk import runs
from relay.bulk.actions import SetFollowUp
from relay.candidates import facts
from relay.errors import DomainError
from relay.extensions import db
from relay.models import ActionKind, Candidate, FollowUp, journal
from relay.portal import portal
from relay.web import done, page

MAX_LENGTH = 200


class CandidateNameMissing(DomainError):
    """Raise where the name of a candidate would be empty."""

    code = "candidate-name-missing"
    message = _l("氏名を入力してください。変更は保存していません。")


class NameTooLong(DomainError):
    """Raise for a name or reading of more than MAX_LENGTH characters."""

    code = "candidate-name-too-long"
    message = _l("氏名とフリガナは、それぞれ%(most)s文字までです。変更は保存していません。", most=MAX_LENGTH)


@portal.get("/pool/<int:candidate_id>/name-cell")
@needs("pool:write")
def record_name_cell(candidate_id: int) -> AnyResponse:
    """Show the field that puts the name right in place; `shown` gives the name back as the row shows it."""
    return _name(candidate_or_404(candidate_id), editing="shown" not in request.args)


@portal.post("/pool/<int:candidate_id>/name-cell")
@needs("pool:write")
def record_name_save(candidate_id: int) -> AnyResponse:
    """Write another name or reading down; everything else stays."""
    candidate = candidate_or_404(candidate_id)
    typed = {name: request.form.get(name, "") for name in ("name", "kana")}
    try:
        entry_id = _rename(candidate, typed["name"], typed["kana"])
    except DomainError as refused:
        return _name(candidate, editing=True, status=422, typed=typed, refused=str(refused))
    db.session.commit()
    told = _("変更を保存しました") if entry_id else ""
    return _after("portal/pool/_name_cell.html", candidate, entry_id, told)


@portal.get("/pool/<int:candidate_id>/follow-up-cell")
@needs("pool:write")
def record_follow_up_cell(candidate_id: int) -> AnyResponse:
    """Show the choice of the follow-up in place; `shown` gives it back as the row shows it."""
    candidate = candidate_or_404(candidate_id)
    return page(
        "portal/pool/_follow_up_cell.html",
        candidate=candidate,
        follow_up_words=FollowUp.labels(),
        editing="shown" not in request.args,
    )


@portal.post("/pool/<int:candidate_id>/follow-up-cell")
@needs("pool:write")
def record_follow_up_save(candidate_id: int) -> AnyResponse:
    """Note what the person is kept for."""
    candidate, chosen = candidate_or_404(candidate_id), request.form.get("follow_up", "")
    action = SetFollowUp(FollowUp(chosen) if chosen in list(FollowUp) else None)
    outcome = runs.do(db.session(), candidate.company_id, action, [candidate_id], by_user_id=member().user_id)
    db.session.commit()
    told = _("今後の対応を保存しました") if outcome.entry_id else ""
    return _after("portal/pool/_follow_up_cell.html", candidate, outcome.entry_id, told)


def _rename(candidate: Candidate, name: str, kana: str) -> int | None:
    """Rename the person, and return the entry in the journal where anything changed."""
    new = facts.as_typed({"name": name, "kana": kana})
    if not new["name"]:
        raise CandidateNameMissing
    if max(map(len, new.values())) > MAX_LENGTH:
        raise NameTooLong
    session, by = db.session(), member().user_id
    with journal.kept(session, candidate.company_id, ActionKind.EDITED, by_user_id=by) as item:
        item.will_change(Candidate, [candidate.id])
        facts.change(session, candidate, new)
    return item.entry.id if item.entry else None


def _name(candidate: Candidate, *, editing: bool, status: int = 200, **extra: Any) -> AnyResponse:
    return page("portal/pool/_name_cell.html", status=status, candidate=candidate, editing=editing, **extra)


def _after(fragment: str, candidate: Candidate, entry_id: int | None, told: str) -> AnyResponse:
    """Return the cell as it is now, with a message that it is done and the way back."""
    return done(
        fragment,
        go_to=url_for("portal.record", candidate_id=candidate.id),
        candidate=candidate,
        follow_up_words=FollowUp.labels(),
        editing=False,
        told=told,
        undo_url=url_for("portal.activity_undo", entry_id=entry_id) if entry_id else "",
    )
