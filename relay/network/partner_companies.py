"""The companies of a partner, as its own people see them: under which terms, and how many people came through each.

A company may be told that number in full tens alone, as of the end of last month (A-45), so this says no other: what a
partner reads out is what it may say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Partner, PartnerKind, Partnership, ProvisionKind, ProvisionRecord, User, scopes
from relay.models.base import BigId, UtcDateTime
from relay.models.keyset import Keyset, Page, ascending, descending
from relay.models.prepared import Prepared, numbered

A_PAGE = 25
"""Companies on a page: for each of them people are counted along an index."""
MOST_ENDED = 200
"""How many partnerships that ended are named, the last to end first."""
_OLDEST = Keyset(ascending(Partnership.accepted_on), ascending(Partnership.id))
_LAST_ENDED = Keyset(descending(Partnership.ended_at), descending(Partnership.id))
STEP = 10
COUNT_CAP = 1_000


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


_PARTNERSHIPS = (
    select(
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
    .join(Company, Company.id == Partnership.company_id)
    .join(Partner, Partner.id == Partnership.partner_id)
    .outerjoin(User, User.id == Partnership.fee_table_allows_by_user_id)
)
_STAND = Partnership.ended_at.is_(None)
_STANDING, _ENDED = _PARTNERSHIPS.where(_STAND), _PARTNERSHIPS.where(~_STAND)
_COUNT = Prepared(select(func.count(Partnership.id)).where(_STAND), int)
_VERSIONS = Prepared(
    select(Partnership.rules_version).where(_STAND).distinct().order_by(Partnership.rules_version.desc()), str
)
_WITH = Prepared(
    _PARTNERSHIPS.where(Partnership.company_id == bindparam("other")).order_by(~_STAND, Partnership.id.desc()).limit(1),
    PartnerCompany,
)


def standing(session: Session, *, after: str = "", before: str = "") -> Page[PartnerCompany]:
    """Return a page of the partnerships that the partner in scope has, in the order they began."""
    return _OLDEST.page(session, _STANDING, PartnerCompany, after=after, before=before, limit=A_PAGE, values={})


def ended(session: Session) -> Sequence[PartnerCompany]:
    """Return the partnerships that ended, the last first, MOST_ENDED at most."""
    return _LAST_ENDED.page(session, _ENDED, PartnerCompany, limit=MOST_ENDED, values={}).rows


def count_standing(session: Session) -> int:
    """Return how many companies the partner in scope works with."""
    [number] = _COUNT.all(session)
    return number


def rules_in_force(session: Session) -> Sequence[str]:
    """Return the versions of the sharing rules under which those partnerships stand, the newest first."""
    return _VERSIONS.all(session)


def partnership_with(session: Session, other: int) -> PartnerCompany | None:
    """Return the partnership of the partner in scope with a company of this id, in force or the last one."""
    return _WITH.first(session, other=other)


def received(session: Session, partner_id: int, company_ids: Sequence[int]) -> Received:
    """Return how many people the partner received through each of these companies, a page of them, until the end of
    last month.

    Counted from the records of provision, a person once, along one index and as far as COUNT_CAP.
    """
    month = clock.today().replace(day=1)
    counts: dict[int, int] = {}
    if company_ids:
        of, before = numbered("company", company_ids), clock.start_of_day(month)
        with scopes.partner(session, partner_id):
            [numbers] = _people(len(company_ids)).all(session, **of, before=before, most=COUNT_CAP + 1)
        counts = dict(zip(company_ids, numbers, strict=True))
    return Received(month - timedelta(days=1), {each: n // STEP * STEP for each, n in counts.items()})


@lru_cache(maxsize=32)  # tricks: agency.companies
def _people(companies: int) -> Prepared[tuple[int, ...]]:
    """Return the read that counts people by each of so many companies, the partner in scope being the recipient."""
    counts = []
    for number in range(companies):
        there = (
            ProvisionRecord.company_id == bindparam(f"company_{number}", type_=BigId),
            ProvisionRecord.kind == ProvisionKind.MADE_AVAILABLE,
            ProvisionRecord.at < bindparam("before", type_=UtcDateTime()),
        )
        people = select(ProvisionRecord.profile_id).where(*there).distinct().limit(bindparam("most", type_=Integer))
        counts.append(select(func.count()).select_from(people.subquery()).scalar_subquery())
    return Prepared(select(*counts), lambda *numbers: numbers)
