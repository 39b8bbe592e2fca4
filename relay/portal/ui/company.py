"""The company whose portal is open."""

from relay.access.context import signed_in
from relay.extensions import db
from relay.identity import companies
from relay.models import Company


def own_company() -> Company:
    """Return the company of the signed-in person."""
    company_id = signed_in().company_id
    assert company_id is not None
    return companies.by_id(db.session(), company_id)
