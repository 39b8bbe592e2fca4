"""Taking the demo away: every row of its companies, partners and people, in one transaction.

Raw SQL over the schema, because the ledger and the log refuse to be deleted from; here they are lifted for
rows of demo houses only.
"""

from sqlalchemy import ColumnElement, Select, Table, delete, or_, select
from sqlalchemy.orm import Session

from relay.extensions import Base
from relay.models import Company, Consent, Event, Partner, User, scopes, triggers


def remove(session: Session) -> int:
    """Remove the demo; returns how many companies and partners it was. Nothing else is touched."""
    companies = list(session.scalars(select(Company.id).where(Company.demo)))
    partners = list(session.scalars(select(Partner.id).where(Partner.demo)))
    if not companies and not partners:
        return 0
    with scopes.everyone(session, "command line: the demo is removed whole"):
        profiles = list(
            session.scalars(select(Consent.profile_id).where(Consent.via_company_id.in_(companies)).distinct())
        )
        logins = session.execute(
            select(User.id, User.email).where(or_(User.company_id.in_(companies), User.partner_id.in_(partners)))
        ).all()
        users, addresses = [login.id for login in logins], [login.email for login in logins]
        events = select(Event.id).where(or_(Event.company_id.in_(companies), Event.partner_id.in_(partners)))
        owned = {"company_id": companies, "partner_id": partners, "profile_id": profiles, "user_id": users}
        connection = session.connection()
        with triggers.suspended(connection):
            for table in reversed(Base.metadata.sorted_tables):
                if (mine := _of_demo(table, owned, events, addresses)) is not None:
                    connection.execute(delete(table).where(mine))
    session.expire_all()
    return len(companies) + len(partners)


def _of_demo(
    table: Table, owned: dict[str, list[int]], events: Select[int], addresses: list[str]
) -> ColumnElement[bool] | None:
    if table.name == "companies":
        return table.c.id.in_(owned["company_id"])
    if table.name == "partners":
        return table.c.id.in_(owned["partner_id"])
    if table.name == "profiles":
        return table.c.id.in_(owned["profile_id"])
    if table.name == "event_deliveries":
        return table.c.event_id.in_(events)
    if table.name == "user_sessions":
        return table.c.user_id.in_(owned["user_id"])
    if table.name == "messages":
        return or_(
            table.c.company_id.in_(owned["company_id"]),
            table.c.profile_id.in_(owned["profile_id"]),
            table.c.to_address.in_(addresses),
        )
    marks = [table.c[name].in_(owned[name]) for name in ("company_id", "partner_id", "profile_id") if name in table.c]
    return or_(*marks) if marks else None
