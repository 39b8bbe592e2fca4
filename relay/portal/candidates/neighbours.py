"""From one record to the next, through the list it was opened from; the list's conditions stand in the address."""

from dataclasses import replace

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
from relay.text.query import QueryProblem


@portal.get("/pool/<int:candidate_id>/next")
@needs("pool:read")
def record_next(candidate_id: int) -> AnyResponse:
    """Show the record after this one in the list it was opened from."""
    return _beside(candidate_or_404(candidate_id), before_id=candidate_id)


@portal.get("/pool/<int:candidate_id>/previous")
@needs("pool:read")
def record_previous(candidate_id: int) -> AnyResponse:
    """Show the record before this one in the list it was opened from."""
    return _beside(candidate_or_404(candidate_id), after_id=candidate_id)


def _beside(candidate: Candidate, *, before_id: int | None = None, after_id: int | None = None) -> AnyResponse:
    """Select the neighbour only when it is asked for, so that no record waits for its neighbours."""
    query = conditions.top(conditions.read(request.args))
    try:
        found = candidate_search.find(
            db.session(), candidate.company_id, replace(query, limit=1, before_id=before_id, after_id=after_id)
        )
    except QueryProblem:
        found = candidate_search.NOBODY
    if not found.rows:
        flash(_("この一覧は、ここまでです"))
    there = found.rows[0].id if found.rows else candidate.id
    return redirect(conditions.address("portal.record", query, candidate_id=there))
