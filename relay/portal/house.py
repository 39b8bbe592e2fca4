"""Whose portal this is."""

from sqlalchemy import select

from relay.access import signed_in
from relay.extensions import db
from relay.identity import companies, installation
from relay.models import Company


def own_company() -> Company:
    """The company of whoever is signed in."""
    company_id = signed_in().company_id
    assert company_id is not None
    return companies.by_id(db.session(), company_id)


def operator_name() -> str:
    """Who runs the installation, as they call themselves, else the company that does."""
    row = installation.get(db.session())
    if row is not None and row.operator_name:
        return row.operator_name
    running = select(Company.name).where(Company.runs_installation).order_by(Company.demo, Company.id).limit(1)
    return db.session.scalars(running).first() or ""
