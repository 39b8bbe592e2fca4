"""Settings: that everybody who signs in for the company needs a second factor (E-5)."""

from flask import Response

from relay.access import needs
from relay.extensions import db
from relay.identity import factor_rule
from relay.portal import portal
from relay.portal.settings.tabs import tabs
from relay.portal.ui.company import own_company
from relay.web import page


@portal.get("/settings/security")
@needs("settings:read")
def settings_security() -> Response:
    """What signing in asks for, and since when."""
    company = own_company()
    return page(
        "portal/settings/security.html",
        required=factor_rule.is_required(company),
        due=factor_rule.is_due(db.session(), company),
        nav_active="settings",
        views=tabs("security"),
    )
