"""The company whose portal is open."""

from relay.access.context import member
from relay.extensions import db
from relay.identity import companies
from relay.models import Company


def own_company() -> Company:
    """Return the company of the signed-in person."""
    return companies.by_id(db.session(), member().company_id)
