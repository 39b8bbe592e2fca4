"""Positions (求人) with how their applications stand."""

from flask import redirect, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.portal import portal
from relay.portal.ui import conditions
from relay.portal.ui.navigation import tab
from relay.search import application_search
from relay.search.candidate_search import Query
from relay.web import page


@portal.get("/positions")
@needs("positions:read")
@tab(1, _l("求人"))
def positions() -> AnyResponse:
    """Show the list, newest first."""
    asked = conditions.read(request.args)
    query = Query(before_id=asked.before_id, after_id=asked.after_id)
    found = application_search.positions(db.session(), query)
    if not found.rows and query != Query():
        return redirect(conditions.address("portal.positions", Query()))
    turns = conditions.turns("portal.positions", query, found)
    return page("portal/positions/index.html", found=found, newer_url=turns["newer_url"], older_url=turns["older_url"])
