"""Cells of the pool's list that are changed in place: the name with its reading, and the exit. Each can be taken back.

Without script the same links lead to the pages where the record is put right.
"""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access import candidate_or_404, needs, signed_in
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Act, Candidate, Exit, journal
from relay.pool.acts import bulk
from relay.pool.acts.deeds import Deed
from relay.pool.record import facts
from relay.portal import portal
from relay.web import done, page

LONGEST = 200


class NameMissing(DomainError):
    """A person has a name."""

    def __init__(self) -> None:
        super().__init__(_l("氏名を入れてください。変更は保存していません。"))


class NameTooLong(DomainError):
    """A column holds no more."""

    def __init__(self) -> None:
        super().__init__(_l("氏名とフリガナは、それぞれ%(most)s文字までです。変更は保存していません。", most=LONGEST))


@portal.get("/pool/<int:candidate_id>/name-cell")
@needs("pool:write")
def record_name_cell(candidate_id: int) -> AnyResponse:
    """The name to be put right in place; `shown` gives it back as the row shows it."""
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


@portal.get("/pool/<int:candidate_id>/exit-cell")
@needs("pool:write")
def record_exit_cell(candidate_id: int) -> AnyResponse:
    """The exit to be chosen in place; `shown` gives it back as the row shows it."""
    candidate = candidate_or_404(candidate_id)
    return page(
        "portal/pool/_exit_cell.html",
        candidate=candidate,
        exit_words=Exit.labels(),
        editing="shown" not in request.args,
    )


@portal.post("/pool/<int:candidate_id>/exit-cell")
@needs("pool:write")
def record_exit_save(candidate_id: int) -> AnyResponse:
    """Note what the person is kept for."""
    candidate, chosen = candidate_or_404(candidate_id), request.form.get("exit", "")
    deed = Deed(Act.EXIT_SET, exit=Exit(chosen) if chosen in list(Exit) else None)
    outcome = bulk.do(db.session(), candidate.company_id, deed, [candidate_id], by_user_id=signed_in().user_id)
    db.session.commit()
    told = _("出口を保存しました") if outcome.entry_id else ""
    return _after("portal/pool/_exit_cell.html", candidate, outcome.entry_id, told)


def _rename(candidate: Candidate, name: str, kana: str) -> int | None:
    """The entry in the journal, where anything changed."""
    new = facts.as_typed({"name": name, "kana": kana})
    if not new["name"]:
        raise NameMissing
    if max(map(len, new.values())) > LONGEST:
        raise NameTooLong
    session, by = db.session(), signed_in().user_id
    with journal.kept(session, candidate.company_id, Act.EDITED, by_user_id=by) as act:
        act.will_change(Candidate, [candidate.id])
        facts.change(session, candidate, new)
    return act.entry.id if act.entry else None


def _name(candidate: Candidate, *, editing: bool, status: int = 200, **extra: Any) -> AnyResponse:
    return page("portal/pool/_name_cell.html", status=status, candidate=candidate, editing=editing, **extra)


def _after(fragment: str, candidate: Candidate, entry_id: int | None, told: str) -> AnyResponse:
    """The cell as it is now, with the word that it is done and the way back."""
    return done(
        fragment,
        go_to=url_for("portal.record", candidate_id=candidate.id),
        candidate=candidate,
        exit_words=Exit.labels(),
        editing=False,
        told=told,
        undo_url=url_for("portal.act_undo", entry_id=entry_id) if entry_id else "",
    )
