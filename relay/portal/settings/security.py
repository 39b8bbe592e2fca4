"""Settings: that everybody who signs in for the company needs a second factor (E-5)."""

from flask import Response
from flask_babel import lazy_gettext as _l

from relay.access.permissions import needs
from relay.extensions import db
from relay.identity import factor_rule
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.navigation import tab
from relay.web import page


@portal.get("/settings/security")
@needs("settings:read")
@tab(3, _l("ログインのセキュリティ"))
def settings_security() -> Response:
    """Show what signing in asks for, and since when."""
    company = own_company()
    return page(
        "portal/settings/security.html",
        required=factor_rule.is_required(company),
        due=factor_rule.is_due(db.session(), company),
    )
