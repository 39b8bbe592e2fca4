"""The companies the partner works with: terms, sharing rules, people received in full tens, and the way to an end."""

from flask import Response

from relay import clock
from relay.access.context import agent
from relay.access.permissions import needs
from relay.agency import agency
from relay.extensions import db
from relay.identity.roles import may
from relay.network import honouring, partner_companies, partnerships
from relay.web import page


@agency.get("/companies")
@needs("people:read")
def companies() -> Response:
    """Show the partnerships that stand and those that ended, with the rules both sides accepted."""
    session, own = db.session(), agent()
    rows = partner_companies.listed(session)
    stand = [each for each in rows if each.ended_at is None]
    ids = [each.company_id for each in stand]
    versions = dict.fromkeys(each.rules_version for each in stand)
    return page(
        "agency/companies.html",
        standing=stand,
        ended=[each for each in rows if each.ended_at is not None],
        received=partner_companies.received(session, own.partner_id, ids),
        years=honouring.years_with(session, own.partner_id, [each.company_id for each in stand if each.agency]),
        year=clock.today().year,
        rules=[partnerships.rules_of(version) for version in versions],
        may_end=may(own.role, "organisation:write"),
    )
