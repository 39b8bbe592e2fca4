"""Settings: who signs in, and as what."""

from flask import Response

from relay.access import needs
from relay.extensions import db
from relay.identity import users
from relay.identity.roles import WORDS
from relay.portal import portal
from relay.portal.settings_tabs import long_date, own_company, tabs
from relay.web import page


@portal.get("/settings/members")
@needs("settings:read")
def settings_members() -> Response:
    """Who signs in, and as what."""
    rows = users.members(db.session(), own_company())
    return page(
        "portal/settings/members.html",
        members=rows,
        words=WORDS,
        long_date=long_date,
        nav_active="settings",
        views=tabs("members"),
    )
