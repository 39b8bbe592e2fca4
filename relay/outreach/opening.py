"""Opening a company: with the texts every company begins with and its first administrator."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from relay.identity import companies, users
from relay.models import Role, User
from relay.outreach import templates


@dataclass(frozen=True)
class Administrator:
    """The first person who signs in at a company."""

    email: str
    password: str
    name: str = ""


def open_company(
    session: Session,
    slug: str,
    facts: companies.CompanyDetails,
    admin: Administrator,
    *,
    live: bool = False,
) -> User:
    """Make the company, its standard templates and its administrator, whose login is returned.

    It practises unless it is to be `live` from the beginning. Raises what `companies.create_company` and
    `users.create_user` raise.
    """
    company = companies.create_company(session, slug, facts, live=live)
    templates.install_defaults(session, company.id)
    return users.create_user(
        session, company, email=admin.email, name=admin.name, role=Role.ADMIN, password=admin.password
    )
