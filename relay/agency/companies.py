"""The companies the partner works with: terms, sharing rules, people received in full tens, and the way to an end."""

from flask import Response, request, url_for

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
    """Show a page of the partnerships that stand, those that ended, and the rules both sides accepted."""
    session, own = db.session(), agent()
    after, before = request.args.get("after", ""), request.args.get("before", "")
    stand = partner_companies.standing(session, after=after, before=before)
    return page(
        "agency/companies.html",
        standing=stand.rows,
        count=partner_companies.count_standing(session),
        newer_url=url_for(".companies", before=stand.previous) if stand.previous else "",
        older_url=url_for(".companies", after=stand.next) if stand.next else "",
        ended=partner_companies.ended(session) if stand.at_top else (),
        received=partner_companies.received(session, own.partner_id, [each.company_id for each in stand.rows]),
        years=honouring.years_with(session, own.partner_id, [each.company_id for each in stand.rows if each.agency]),
        year=clock.today().year,
        rules=[partnerships.rules_of(version) for version in partner_companies.rules_in_force(session)],
        may_end=may(own.role, "organisation:write"),
    )
