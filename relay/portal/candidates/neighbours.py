"""From one record to the next, through the list it was opened from; the list's conditions stand in the address."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.extensions import db
from relay.models import Candidate
from relay.portal import portal
from relay.portal.ui import conditions
from relay.search import candidate_search
from relay.search.candidate_search import Query
from relay.text.query import QueryProblem


@portal.get("/pool/<int:candidate_id>/next")
@needs("pool:read")
def record_next(candidate_id: int) -> AnyResponse:
    """Show the record after this one in the list it was opened from."""
    return _beside(candidate_or_404(candidate_id), forwards=True)


@portal.get("/pool/<int:candidate_id>/previous")
@needs("pool:read")
def record_previous(candidate_id: int) -> AnyResponse:
    """Show the record before this one in the list it was opened from."""
    return _beside(candidate_or_404(candidate_id), forwards=False)


def _beside(candidate: Candidate, *, forwards: bool) -> AnyResponse:
    """Select the neighbour only when it is asked for, so that no record waits for its neighbours."""
    query = conditions.top(conditions.read(request.args))
    try:
        asked = replace(query, limit=1, **_place(candidate, query, forwards=forwards))
        found = candidate_search.find(db.session(), candidate.company_id, asked)
    except QueryProblem:
        found = candidate_search.NOBODY
    if not found.rows:
        flash(_("この一覧は、ここまでです"))
    there = found.rows[0].id if found.rows else candidate.id
    return redirect(conditions.address("portal.record", query, candidate_id=there))


def _place(candidate: Candidate, query: Query, *, forwards: bool) -> dict[str, Any]:
    """Return where in the list the candidate is, as the page behind it or before it is asked for."""
    if query.order is None:
        return {"before_id" if forwards else "after_id": candidate.id}
    cursor = candidate_search.place_of(db.session(), candidate.company_id, candidate.id, query.order)
    return {"below" if forwards else "above": cursor}
