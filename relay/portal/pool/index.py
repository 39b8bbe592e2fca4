"""The talent pool list (人材プール): search, filters, and whom an act is meant for."""

from typing import Any

from flask import redirect, request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.candidates import tags
from relay.extensions import db
from relay.identity.roles import may
from relay.models import ApplicationResult
from relay.network import links
from relay.portal import portal
from relay.portal.pool import facet_groups, row_patterns
from relay.portal.pool import searches as saved_searches
from relay.portal.pool.row_patterns import RowsWords
from relay.portal.pool.search_examples import search_examples
from relay.portal.pool.view import View, column_words
from relay.portal.ui import conditions, orders, search_words
from relay.portal.ui.labels import ShortDays, steps_of, words
from relay.portal.ui.navigation import tab
from relay.search import candidate_search, completion, facets
from relay.search.candidate_search import Query
from relay.search.orders import COLUMNS as COLUMNS_SORTED
from relay.web import page, wants_fragment

NEWEST = _l("登録の新しい順")


@portal.get("/pool")
@needs("pool:read")
@tab(1, _l("候補者"))
def pool() -> AnyResponse:
    """Show the list, or the part of it that htmx asks for. `all` in the address means everybody who fits."""
    return listed(conditions.read(request.args), everybody="all" in request.args)


def listed(query: Query, *, everybody: bool = False, status: int = 200, **extra: Any) -> AnyResponse:
    """Show the list under these conditions, with the message of an act on it."""
    session, company_id = db.session(), member().company_id
    trouble = search_words.trouble(query)
    found = (
        candidate_search.NOBODY
        if trouble
        else candidate_search.find(session, company_id, query, most=candidate_search.COUNTED_AT_ONCE)
    )
    if not found.rows and not trouble and query != conditions.top(query):
        return redirect(conditions.address("portal.pool", conditions.top(query)))
    ids = [row.id for row in found.rows]
    offered = conditions.choices(session, query, searches_of=member().user_id, latest=not wants_fragment())
    statuses = links.statuses(session, ids)
    may_rule = may(member().role, "rules:write")
    awaiting = {row.id for row in found.rows if row.status is ApplicationResult.REJECTED and not row.told}
    shown = search_words.shown(query, found.rows, tags.tags_of(session, ids))
    context: dict[str, Any] = {
        "view": View.remembered(),
        "may_tell": may(member().role, "results:tell"),
        "may_erase": may(member().role, "people:erase"),
        "column_words": column_words(str(get_locale())),
        "view_url": conditions.address("portal.view_save", query),
        "query": query,
        "trouble": trouble,
        "found": found,
        "names": {row.id: row.name for row in found.rows},
        "steps_of": steps_of(statuses, ids, awaiting=awaiting),
        "total": found.total,
        "most": candidate_search.COUNTED_AT_ONCE,
        "choices": offered,
        "facet_groups": [] if wants_fragment() else facet_groups.groups(query, offered),
        "chips": conditions.chips("portal.pool", query, offered, parts=search_words.parts(query)),
        **conditions.turns("portal.pool", query, found),
        "heads": orders.heads("portal.pool", query, COLUMNS_SORTED),
        "orders": orders.menu("portal.pool", query, COLUMNS_SORTED, NEWEST),
        "order_said": orders.said(query, NEWEST),
        "paged": query.paged,
        "swapped": wants_fragment(),
        "counts_url": conditions.address("portal.pool_counts", conditions.top(query)),
        "counted_url": conditions.address("portal.pool", query, counts=1),
        "counted": facets.count(session, company_id, query) if "counts" in request.args and not trouble else None,
        "rule_url": conditions.address("portal.rule_new", conditions.top(query)) if may_rule else "",
        "save_url": conditions.address("portal.search_save", conditions.top(query)),
        "saved_views": [] if wants_fragment() else saved_searches.views(query, offered),
        "search_examples": search_examples,
        "beginnings": completion.beginnings,
        **_whom(query, found.total, len(ids), everybody),
    }
    given = {"ticked": ids if everybody else []} | words() | context | extra
    given["rows"] = row_patterns.drawn(shown, given["names"], given["steps_of"], ShortDays(), _common(given))
    return page("portal/pool/index.html", "portal/pool/_list.html", status=status, **given)


def _common(given: dict[str, Any]) -> RowsWords:
    ticked = given["ticked"]
    return RowsWords(
        people=conditions.address("portal.pool", Query()),
        trail=given["trail"],
        columns=given["view"].columns,
        can_write=may(member().role, "pool:write"),
        reasons=given["reason_words"],
        follow_ups=given["follow_up_words"],
        ticked=frozenset(ticked),
        focused=ticked[0] if ticked and given.get("told") else None,
    )


def _whom(query: Query, total: int, shown: int, everybody: bool) -> dict[str, Any]:
    """Return the addresses of the list and of acts on it: the ticked people, or everybody who fits."""
    everybody = everybody and total > shown
    more = {"all": 1} if everybody else {}
    return {
        "everybody": everybody,
        "list_url": conditions.address("portal.pool", query),
        "trail": conditions.trail(query),
        "everybody_url": conditions.address("portal.pool", query, all=1) if total > shown else "",
        "export_url": conditions.address("portal.export", conditions.top(query)),
        "bulk_url": conditions.address("portal.pool_bulk", query, **more),
    }
