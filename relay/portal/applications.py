"""Applications (選考): what runs, and the people kept for the selection only (A-4)."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response as AnyResponse

from relay.access import needs, signed_in
from relay.extensions import db
from relay.portal import conditions, portal, progress
from relay.portal.words import words
from relay.selection import listing
from relay.web import page, wants_fragment


@portal.get("/applications")
@needs("pool:read")
def applications() -> AnyResponse:
    """The list, or the part of it that htmx asks for."""
    session, company_id = db.session(), signed_in().company_id or 0
    query = replace(conditions.read(request.args), tags=())
    stage = request.args.get("stage", "")[:100]
    found = listing.applications(session, company_id, query, stage)
    if not found.rows and query != conditions.top(query):
        return redirect(conditions.address("portal.applications", conditions.top(query), stage=stage or None))
    offered = conditions.choices(session, query)
    chips = conditions.chips("portal.applications", query, offered, stage=stage)
    context: dict[str, Any] = {
        "query": query,
        "stage": stage,
        "found": found,
        "total": listing.count(session, company_id, query, stage),
        "most": listing.COUNTED,
        "choices": offered,
        "stages": listing.stages(session, company_id),
        "chips": chips,
        **conditions.turns("portal.applications", query, found.newer, found.older, stage=stage or None),
        "paged": query != conditions.top(query),
        "swapped": wants_fragment(),
        "recording": partial(progress.row_address, query, stage),
    }
    return page("portal/applications/index.html", "portal/applications/_list.html", **(words() | context))
