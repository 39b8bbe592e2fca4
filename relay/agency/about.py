"""The first page of the partners' portal: what it is, what is recorded, and how the partner is shown to candidates."""

from flask import Response

from relay.access.context import agent
from relay.access.permissions import needs
from relay.agency import agency
from relay.extensions import db
from relay.identity import users
from relay.identity.roles import may
from relay.network import confirmations, sharing
from relay.web import page

COUNTED = 100
"""So many people are counted: the number only tells a partner that the portal holds somebody."""


@agency.get("")
@needs("people:read")
def about() -> Response:
    """Show what this portal is for, how many people agreed to be seen, and the partner's own particulars."""
    session = db.session()
    partner_id = agent().partner_id
    return page(
        "agency/about.html",
        state=sharing.of_partner(session, partner_id),
        leads=users.names_of_leads(session),
        may_change=may(agent().role, "organisation:write"),
        count=sharing.count(session, COUNTED),
        most=COUNTED,
        confirm_months=confirmations.ASK_AFTER.months,
        answer_months=confirmations.ANSWER_WITHIN.months,
    )
