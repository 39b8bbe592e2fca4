"""Whose portal this is."""

from relay.access import signed_in
from relay.extensions import db
from relay.identity import companies
from relay.models import Company


def own_company() -> Company:
    """The company of whoever is signed in."""
    company_id = signed_in().company_id
    assert company_id is not None
    return companies.by_id(db.session(), company_id)
