"""Two records that HR knows to be one person (同じ方の記録とまとめる): the other is found from the one, then compared.

The comparison, the merging and its undo are those of the review queue.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.candidates import facts
from relay.candidates.duplicates import matches
from relay.candidates.facts import Facts
from relay.extensions import db
from relay.models import Candidate
from relay.models.keyset import newest
from relay.portal import portal
from relay.portal.duplicates.index import MergeQuestion, choose, make_one
from relay.portal.ui.conditions import MAX_Q
from relay.search import candidate_search
from relay.text import clean, format_phone
from relay.web import page

SHOWN = 20


class Other(NamedTuple):
    """A person who may be the same one, as a line of the list."""

    id: int
    name: str
    kana: str
    email: str
    phone: str


@portal.get("/pool/<int:candidate_id>/same-person")
@needs("pool:write")
def same_person(candidate_id: int) -> AnyResponse:
    """Show who looks like this person, and whom a name, address or number finds; in the pool or in selection."""
    candidate, session = candidate_or_404(candidate_id), db.session()
    q = clean(request.args.get("q", "")[:MAX_Q])
    context: dict[str, Any] = {"candidate": candidate, "q": q, "most": SHOWN}
    if q:
        found = _named(session, candidate, q)
        context |= {"found": found[:SHOWN], "more": len(found) > SHOWN}
    else:
        context |= {"found": _alike(session, candidate), "more": False}
    return page("portal/duplicates/same_person.html", "portal/duplicates/_same_person.html", **context)


@portal.get("/pool/<int:candidate_id>/same-person/<int:other_candidate_id>")
@needs("pool:write")
def same_person_compare(candidate_id: int, other_candidate_id: int) -> AnyResponse:
    """Show what the one record would hold, field by field."""
    return choose(_question(candidate_id, other_candidate_id))


@portal.post("/pool/<int:candidate_id>/same-person/<int:other_candidate_id>")
@needs("pool:write")
def same_person_merge(candidate_id: int, other_candidate_id: int) -> AnyResponse:
    """Make one record of the two; one that is gone meanwhile leads to the one that stayed."""
    ids = (candidate_id, other_candidate_id)
    there = set(db.session.scalars(select(Candidate.id).where(Candidate.id.in_(ids))))
    if len(there) == 1 and candidate_id != other_candidate_id:
        flash(_("どちらかの記録が、すでにまとめられたか消去されています。何も変わっていません。"), "warning")
        return redirect(url_for("portal.record", candidate_id=there.pop()), 303)
    return make_one(_question(candidate_id, other_candidate_id))


def _question(candidate_id: int, other_candidate_id: int) -> MergeQuestion:
    """Return the question about these two; 404 unless both are there, and two."""
    if candidate_id == other_candidate_id:
        raise NotFound
    one, other = sorted((candidate_or_404(candidate_id).id, candidate_or_404(other_candidate_id).id))
    action = url_for("portal.same_person_merge", candidate_id=candidate_id, other_candidate_id=other_candidate_id)
    return MergeQuestion((one, other), action, url_for("portal.same_person", candidate_id=candidate_id))


def _alike(session: Session, candidate: Candidate) -> list[Other]:
    known = matches.matches(session, candidate.company_id, Facts.among(facts.of(candidate)), but=candidate.id)
    ids = [each.candidate_id for each in known]
    return sorted(_others(session, ids), key=lambda other: ids.index(other.id))


def _named(session: Session, candidate: Candidate, q: str) -> list[Other]:
    matching = candidate_search.matching(session, candidate.company_id, q)
    if matching is None:
        return []
    hits = matching.subquery()
    newest_first = newest(hits.c.id).slice(select(hits.c.id), None, SHOWN + 2)
    ids = [id_ for id_ in session.scalars(newest_first) if id_ != candidate.id]
    return sorted(_others(session, ids), key=lambda other: -other.id)


_OTHERS = select(Candidate.id, Candidate.name, Candidate.kana, Candidate.email, Candidate.phone).where(
    Candidate.id.in_(bindparam("people", expanding=True))
)


def _others(session: Session, ids: Sequence[int]) -> list[Other]:
    rows = session.execute(_OTHERS, {"people": list(ids)})
    return [Other(id_, name, kana, email, format_phone(phone)) for id_, name, kana, email, phone in rows]
