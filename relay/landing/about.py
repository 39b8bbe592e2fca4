"""Who runs this installation: open to everyone, without a link, a cookie or the name of any company that uses it."""

from flask import Response
from sqlalchemy import select

from relay.extensions import db
from relay.identity import installation
from relay.identity.installation import Operator
from relay.landing import landing
from relay.models import Company
from relay.web import page


@landing.get("/about")
def about() -> Response:
    """The operator's name, address and contact; until they are said, those of the company that answers for it."""
    return page("landing/about.html", operator=_operator())


def _operator() -> Operator:
    row = installation.get(db.session())
    if row is not None and row.operator_name:
        return Operator(row.operator_name, row.operator_address, row.operator_contact)
    running = select(Company).where(Company.runs_installation).order_by(Company.demo, Company.id).limit(1)
    company = db.session.scalars(running).first()
    return Operator(company.name, company.address, company.contact) if company else Operator()
