"""Positions (求人) with how their applications stand."""

from functools import partial
from typing import Any

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.models import PositionState
from relay.portal import portal
from relay.portal.positions.states import STATE_TONES
from relay.portal.ui import conditions, orders
from relay.portal.ui.navigation import tab
from relay.search import application_search
from relay.search.application_search import POSITION_SORTS
from relay.search.candidate_search import Query
from relay.web import page


@portal.get("/positions")
@needs("positions:read")
@tab(1, _l("求人"))
def positions() -> AnyResponse:
    """Show the list, newest first: all of them, or those in one state."""
    asked, word = conditions.read(request.args, POSITION_SORTS), request.args.get("state", "")
    state = PositionState(word) if word in list(PositionState) else None
    query = Query(
        before_id=asked.before_id, after_id=asked.after_id, order=asked.order, below=asked.below, above=asked.above
    )
    found = application_search.positions(db.session(), query, state)
    kept = state.value if state else None
    if not found.rows and query.paged:
        return redirect(conditions.address("portal.positions", query.from_top, state=kept))
    turns = conditions.turns("portal.positions", query, found, state=kept)
    return page(
        "portal/positions/index.html",
        found=found,
        state=state,
        states=_states(state, query),
        heads=orders.heads("portal.positions", query, POSITION_SORTS, state=kept),
        state_tones=STATE_TONES,
        may_write=may(member().role, "positions:write"),
        newer_url=turns["newer_url"],
        older_url=turns["older_url"],
    )


def _states(shown: PositionState | None, query: Query) -> list[dict[str, Any]]:
    """Return the parts of the list, as links."""
    parts: list[tuple[PositionState | None, Any]] = [(None, _("すべて")), *PositionState.labels().items()]
    address = partial(conditions.address, "portal.positions", Query(order=query.order))
    return [
        {"label": label, "url": address(state=each.value if each else None), "current": each is shown}
        for each, label in parts
    ]
