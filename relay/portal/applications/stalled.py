"""Selections that rest (/applications/stalled): those that home counts, the longest rest first."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.hiring import stalled
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.web import page


@portal.get("/applications/stalled")
@needs("pool:read")
def applications_stalled() -> AnyResponse:
    """Show a page of them."""
    session, after, before = db.session(), request.args.get("after", ""), request.args.get("before", "")
    found = stalled.rows(session, after=after, before=before)
    if not found.rows and not found.at_top:
        return redirect(url_for("portal.applications_stalled"))
    return page(
        "portal/applications/stalled.html",
        found=found,
        days=stalled.AFTER.days,
        longer_url=url_for("portal.applications_stalled", before=found.previous) if found.previous else "",
        shorter_url=url_for("portal.applications_stalled", after=found.next) if found.next else "",
        **words(),
    )
