"""Taking the demo away: every row of its companies, partners and people, in one transaction.

Raw SQL over the schema, because the ledger and the log refuse to be deleted from; here they are lifted for
rows of demo organisations only.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Table, and_, delete, or_, select
from sqlalchemy.orm import Session

from relay.extensions import Base
from relay.models import CodePurpose, Company, Consent, Event, Partner, TokenPurpose, User, scopes, triggers


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
        demo = _Demo(companies, partners, profiles, users, addresses)
        connection = session.connection()
        with triggers.suspended(connection):
            for table in reversed(Base.metadata.sorted_tables):
                if (mine := _of_demo(table, demo)) is not None:
                    connection.execute(delete(table).where(mine))
    session.expire_all()
    return len(companies) + len(partners)


@dataclass(frozen=True)
class _Demo:
    """The ids of everything the demo made, and the addresses it signs in with."""

    companies: list[int]
    partners: list[int]
    profiles: list[int]
    users: list[int]
    addresses: list[str]


def _of_demo(table: Table, demo: _Demo) -> ColumnElement[bool] | None:
    column = table.c
    owners = {"company_id": demo.companies, "partner_id": demo.partners, "profile_id": demo.profiles}
    marks: list[ColumnElement[bool]] = [column[name].in_(ids) for name, ids in owners.items() if name in column]
    if table.name in _OF_ORGANISATIONS:
        marks = [column.id.in_(owners[_OF_ORGANISATIONS[table.name]])]
    if table.name in _OF_LOGINS:
        marks.append(column[_OF_LOGINS[table.name]].in_(demo.users))
    if table.name == "event_deliveries":
        marks = [column.event_id.in_(_events(demo))]
    if table.name == "messages":
        marks.append(column.to_address.in_(demo.addresses))
    if table.name == "tokens":
        marks += [and_(column.purpose == purpose, column.subject_id.in_(demo.users)) for purpose in _BY_LOGIN]
    if table.name == "mailed_codes":
        marks = [and_(column.purpose == CodePurpose.MAIL_TEST, column.subject_id.in_(demo.companies))]
    return or_(*marks) if marks else None


_OF_ORGANISATIONS = {"companies": "company_id", "partners": "partner_id", "profiles": "profile_id"}
_OF_LOGINS = {
    "user_sessions": "user_id",
    "recovery_codes": "user_id",
    "installation": "answered_by_user_id",
    "installation_mail_server": "changed_by_user_id",
}
"""Tables whose rows belong to somebody who signs in; the operator's answer and server too, while the demo's."""
_BY_LOGIN = (TokenPurpose.PASSWORD, TokenPurpose.NEW_EMAIL, TokenPurpose.MORNING)


def _events(demo: _Demo) -> Select[int]:
    return select(Event.id).where(or_(Event.company_id.in_(demo.companies), Event.partner_id.in_(demo.partners)))
