"""That everybody who signs in for a partner needs a second factor (E-5)."""

from flask import Response

from relay.access.permissions import needs
from relay.account import my_account
from relay.account.partner_joining import own_partner
from relay.identity import factor_rule
from relay.web import page


@my_account.get("/security")
@needs("organisation:write")
def partner_security() -> Response:
    """Show what signing in for the partner asks for."""
    partner = own_partner()
    return page("account/partner_security.html", partner=partner, required=factor_rule.is_required(partner))
