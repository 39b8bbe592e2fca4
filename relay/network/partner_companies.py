"""The companies of a partner, as its own people see them: under which terms, and how many people came through each.

A company may be told that number in full tens alone, as of the end of last month (A-45), so this says no other: what a
partner reads out is what it may say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Partner, PartnerKind, Partnership, ProvisionKind, ProvisionRecord, User, scopes
from relay.models.keyset import Keyset, Page, ascending, descending

A_PAGE = 25
"""Companies on a page: for each of them people are counted along an index."""
MOST_ENDED = 200
"""How many partnerships that ended are named, the last to end first."""
_OLDEST = Keyset(ascending(Partnership.accepted_on), ascending(Partnership.id))
_LAST_ENDED = Keyset(descending(Partnership.ended_at), descending(Partnership.id))
STEP = 10
COUNT_CAP = 10_000


@dataclass(frozen=True)
class PartnerCompany:
    """A partnership as the partner sees it."""

    company_id: int
    name: str
    since: date
    rules_version: str
    agency: bool
    """Whether the partner is one; schools make no introductions."""
    free_introductions_per_year: int | None
    fee_table_allows_on: date | None
    """When the partner last said that its fee table allows them (B-18)."""
    fee_table_allows_by: str | None
    """The name of the person who said so."""
    checked_on: date | None
    """When it was looked up: by this company, else by the operator of the installation."""
    look_up_by: date | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Received:
    """How many people came, in full tens as of `day`, by company; nobody and nine are the same number (A-45)."""

    day: date
    of: dict[int, int]


def standing(session: Session, *, after: str = "", before: str = "") -> Page[PartnerCompany]:
    """Return a page of the partnerships that the partner in scope has, in the order they began."""
    stand = _partnerships().where(Partnership.ended_at.is_(None))
    return _OLDEST.page(session, stand, PartnerCompany, after=after, before=before, limit=A_PAGE)


def ended(session: Session) -> Sequence[PartnerCompany]:
    """Return the partnerships that ended, the last first, MOST_ENDED at most."""
    over = _partnerships().where(Partnership.ended_at.is_not(None))
    return _LAST_ENDED.page(session, over, PartnerCompany, limit=MOST_ENDED).rows


def count_standing(session: Session) -> int:
    """Return how many companies the partner in scope works with."""
    stand = select(func.count(Partnership.id)).where(Partnership.ended_at.is_(None))
    return session.execute(stand).scalar_one()


def rules_in_force(session: Session) -> Sequence[str]:
    """Return the versions of the sharing rules under which those partnerships stand, the newest first."""
    versions = select(Partnership.rules_version).where(Partnership.ended_at.is_(None)).distinct()
    return session.scalars(versions.order_by(Partnership.rules_version.desc())).all()


def partnership_with(session: Session, other: int) -> PartnerCompany | None:
    """Return the partnership of the partner in scope with a company of this id, in force or the last one."""
    last = (Partnership.ended_at.is_not(None), Partnership.id.desc())
    known = _partnerships().where(Partnership.company_id == other).order_by(*last)
    row = session.execute(known.limit(1)).one_or_none()
    return PartnerCompany(*row) if row else None


def _partnerships() -> Select[*tuple[Any, ...]]:
    rows = select(
        Partnership.company_id,
        Company.name,
        Partnership.accepted_on,
        Partnership.rules_version,
        Partner.kind == PartnerKind.AGENCY,
        Partnership.free_introductions_per_year,
        Partnership.fee_table_allows_on,
        User.name,
        func.coalesce(Partnership.checked_on, Partner.checked_on),
        Partnership.look_up_by,
        Partnership.ended_at,
    )
    return (
        rows.join(Company, Company.id == Partnership.company_id)
        .join(Partner, Partner.id == Partnership.partner_id)
        .outerjoin(User, User.id == Partnership.fee_table_allows_by_user_id)
    )


def received(session: Session, partner_id: int, company_ids: Sequence[int]) -> Received:
    """Return how many people the partner received through each of these companies, a page of them, until the end of
    last month.

    Counted from the records of provision, a person once, along one index and as far as COUNT_CAP.
    """
    month = clock.today().replace(day=1)
    counts: dict[int, int] = {}
    if company_ids:
        counted = [_people(partner_id, company_id, before=clock.start_of_day(month)) for company_id in company_ids]
        with scopes.partner(session, partner_id):
            counts = dict(session.execute(union_all(*counted)).all())
    return Received(month - timedelta(days=1), {each: n // STEP * STEP for each, n in counts.items()})


def _people(partner_id: int, company_id: int, *, before: datetime) -> Select[int, int]:
    there = (
        ProvisionRecord.partner_id == partner_id,
        ProvisionRecord.company_id == company_id,
        ProvisionRecord.kind == ProvisionKind.MADE_AVAILABLE,
        ProvisionRecord.at < before,
    )
    people = select(ProvisionRecord.profile_id).where(*there).distinct().limit(COUNT_CAP + 1).subquery()
    return select(literal(company_id), func.count()).select_from(people)
