"""Applications (選考): what runs, and the people kept for the selection only (A-4)."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import redirect, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.models import ApplicationResult
from relay.outreach import rescout_lists
from relay.outreach import results as notifying
from relay.portal import portal
from relay.portal.applications import progress
from relay.portal.ui import conditions, orders
from relay.portal.ui.labels import ShortDays, words
from relay.portal.ui.navigation import tab
from relay.search import application_search
from relay.search.application_search import SORTS
from relay.search.candidate_search import Query
from relay.web import page, wants_fragment

NEWEST = _l("登録の新しい順")


@portal.get("/applications")
@needs("pool:read")
@tab(2, _l("選考"))
def applications() -> AnyResponse:
    """Show the list, or the part of it that htmx asks for."""
    session, company_id = db.session(), member().company_id
    query = replace(conditions.read(request.args, SORTS), tags=())
    stage = request.args.get("stage", "")[:100]
    found = application_search.applications(session, company_id, query, stage)
    if not found.rows and query != conditions.top(query):
        return redirect(conditions.address("portal.applications", conditions.top(query), stage=stage or None))
    offered = conditions.choices(session, query)
    chips = conditions.chips("portal.applications", query, offered, stage=stage)
    open_here = [row for row in found.rows if row.status is ApplicationResult.OPEN]
    context: dict[str, Any] = {
        "query": query,
        "stage": stage,
        "found": found,
        "total": application_search.count(session, company_id, query, stage),
        "most": application_search.COUNT_CAP,
        "choices": offered,
        "stages": application_search.stages(session),
        "chips": chips,
        **conditions.turns("portal.applications", query, found, stage=stage or None),
        "heads": orders.heads("portal.applications", query, SORTS, stage=stage or None),
        "orders": orders.menu("portal.applications", query, SORTS, NEWEST, stage=stage or None),
        "order_said": orders.said(query, NEWEST),
        "paged": query != conditions.top(query),
        "swapped": wants_fragment(),
        "again": rescout_lists.applied_again(session, [row.id for row in found.rows]),
        "recording": progress.row_addresses(query, stage),
        "short_days": ShortDays(),
        **_choosing(query, stage, len(open_here)),
    }
    return page("portal/applications/index.html", "portal/applications/_list.html", **(words() | context))


def _choosing(query: Query, stage: str, open_here: int) -> dict[str, Any]:
    """Return what ticking those in selection needs: how many fit (201 at most), and the addresses that tick them."""
    may_notify = may(member().role, "results:tell")
    if not (may_notify and open_here):
        return {"may_notify": may_notify, "running": 0}
    first = conditions.top(query)
    company_id = member().company_id
    running = application_search.in_selection_count(
        db.session(), company_id, first, stage, notifying.MAX_RECIPIENTS + 1
    )
    everybody = conditions.address("portal.applications", first, stage=stage or None, all=1)
    return {
        "may_notify": may_notify,
        "running": running,
        "most_notified": notifying.MAX_RECIPIENTS,
        "all_chosen": request.args.get("all") == "1",
        "all_url": everybody if running > open_here else "",
        "none_url": conditions.address("portal.applications", first, stage=stage or None),
        "conditions": parse_qsl(urlsplit(conditions.address("portal.applications", first, stage=stage or None)).query),
    }
