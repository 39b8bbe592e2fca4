"""Costs as they are typed: one sum of a month, kind and channel, and the fee of one hire (採用1名ごとの紹介手数料).

Every verb here holds the costs of the company first, so two people who type at once write one after the other.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, bindparam, func, literal, null, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from relay import clock
from relay.errors import DomainError
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Cost,
    CostKind,
    EventTag,
    company_locks,
    event_data,
    moments,
    record,
    scopes,
)
from relay.models.company_locks import CompanyLock
from relay.models.keyset import Keyset, Page, descending
from relay.models.prepared import read
from relay.text import clean

MAX_YEN = 9_999_999_999
"""The largest sum of one month, kind and channel."""
MAX_CHANNEL = 100
FIRST_MONTH = date(2000, 1, 1)
AHEAD = relativedelta(months=12)
"""How far ahead of this month a cost may be: what was paid for a year beforehand."""
YEAR = 12
HIRES_OF = relativedelta(months=24)
"""How long after the hire its fee is asked about."""
HIRES_A_PAGE = 20
LATEST = 1_000
"""So many of the newest applications tell by which channels people come now."""
CHANNELS_OFFERED = 30
_HIRES = Keyset(descending(Application.decided_on), descending(Application.id))


class CostRefused(DomainError):
    """Raise where a cost cannot be kept as it was given; nothing was changed."""

    code = "cost-refused"


class MonthOutOfReach(CostRefused):
    """Raise for a month before 2000, or more than a year ahead."""

    code = "cost-month-out-of-reach"
    message = _l("費用を記録できるのは、2000年1月から1年先の月までです。何も変更していません。")


class SumOutOfReach(CostRefused):
    """Raise for a negative sum, or one that no month of hiring costs."""

    code = "cost-sum-out-of-reach"
    message = _l("金額は、0円から9,999,999,999円までで入力してください。何も変更していません。")


class ChannelTooLong(CostRefused):
    """Raise for a channel of more characters than an application may have."""

    code = "cost-channel-too-long"
    message = _l("経路は、100文字以内で入力してください。何も変更していません。")


class NotHired(CostRefused):
    """Raise for the fee of an application that did not end with a hire."""

    code = "cost-not-hired"
    message = _l("この応募は入社になっていないため、紹介手数料を記録できません。何も変更していません。")


class CostKey(NamedTuple):
    """The place of one sum."""

    month: date
    kind: CostKind
    channel: str


class CostSum(NamedTuple):
    """The cost of a month, of a kind and by a channel, fees of single hires included."""

    month: date
    kind: CostKind
    channel: str
    yen: int


class YearSum(NamedTuple):
    """The cost of several months together, of a kind and by a channel, fees of single hires included."""

    kind: CostKind
    channel: str
    yen: int


class HireRow(NamedTuple):
    """A person who was hired, and the fee that was paid for it; None where none was typed."""

    application_id: int
    candidate_id: int
    name: str
    channel: str
    hired_on: date | None
    """None where the hire was taken back since its fee was typed."""
    fee_month: date | None
    yen: int | None


def hold(session: Session, company_id: int) -> None:
    """Hold the costs of a company until the transaction ends."""
    company_locks.wait_for(session, CompanyLock.COSTS, company_id)


def channel_of(typed: str) -> str:
    """Return a channel as it is kept: in one width, so that Ｉｎｄｅｅｄ and Indeed are one (F-12)."""
    return clean(unicodedata.normalize("NFKC", typed))


def month_of(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)


def last_months(number: int = YEAR) -> list[date]:
    """Return the first days of so many months, the oldest first and this month last."""
    this = month_of(clock.today())
    return [this - relativedelta(months=back) for back in range(number - 1, -1, -1)]


# writing


@scopes.in_company
def set_cost(
    session: Session,
    company_id: int,
    month: date,
    kind: CostKind,
    channel: str,
    yen: int,
    *,
    by_user_id: int | None,
) -> Cost:
    """Keep what a month cost, of this kind and by this channel; a sum that is there is corrected, never added to.

    Raises MonthOutOfReach, SumOutOfReach, ChannelTooLong.
    """
    key = refuse_beyond_bounds(month, kind, channel, yen)
    hold(session, company_id)
    row = _row_of(session, key)
    if row is None:
        row = Cost(month=key.month, kind=kind, channel=key.channel, yen=yen, changed_at=clock.now())
        session.add(row)
    elif row.yen == yen:
        return row
    row.yen, row.file_id, row.by_user_id, row.changed_at = yen, None, by_user_id, clock.now()
    session.flush()
    _note(session, EventTag.COST_SET, row)
    return row


@scopes.in_company
def remove(session: Session, company_id: int, month: date, kind: CostKind, channel: str) -> bool:
    """Remove the sum of this month, kind and channel; returns whether there was one."""
    hold(session, company_id)
    row = _row_of(session, CostKey(month_of(month), kind, channel_of(channel)))
    if row is None:
        return False
    _note(session, EventTag.COST_REMOVED, row)
    session.delete(row)
    session.flush()
    return True


@scopes.in_company
def hire_fee(
    session: Session,
    company_id: int,
    application_id: int,
    yen: int | None,
    *,
    month: date | None = None,
    by_user_id: int | None,
) -> None:
    """Keep the agency fee of one hire, by the channel of its application; None takes it away.

    It counts in `month`, the month of the hire unless another is said. Raises NotHired, MonthOutOfReach, SumOutOfReach.
    """
    hold(session, company_id)
    found = session.scalars(select(Application).where(Application.id == application_id)).one_or_none()
    row = session.scalars(select(Cost).where(Cost.application_id == application_id)).one_or_none()
    if yen is None:
        if row is not None:
            _note(session, EventTag.COST_REMOVED, row)
            session.delete(row)
            session.flush()
        return
    if found is None or found.status is not ApplicationResult.HIRED or found.decided_on is None:
        raise NotHired
    key = refuse_beyond_bounds(month or found.decided_on, CostKind.AGENCY_FEE, found.channel, yen)
    if row is None:
        row = Cost(kind=key.kind, of_hire=True, candidate_id=found.candidate_id, application_id=found.id)
        session.add(row)
    elif (row.month, row.channel, row.yen) == (key.month, key.channel, yen):
        return
    row.month, row.channel, row.yen = key.month, key.channel, yen
    row.by_user_id, row.changed_at = by_user_id, clock.now()
    session.flush()
    _note(session, EventTag.COST_SET, row)


def refuse_beyond_bounds(month: date, kind: CostKind, channel: str, yen: int) -> CostKey:
    """Return the place of a sum. Raises MonthOutOfReach, SumOutOfReach, ChannelTooLong."""
    first, word = month_of(month), channel_of(channel)
    if not FIRST_MONTH <= first <= month_of(clock.today()) + AHEAD:
        raise MonthOutOfReach
    if not 0 <= yen <= MAX_YEN:
        raise SumOutOfReach
    if len(word) > MAX_CHANNEL:
        raise ChannelTooLong
    return CostKey(first, kind, word)


def _row_of(session: Session, key: CostKey) -> Cost | None:
    wanted = select(Cost).where(
        Cost.month == key.month, Cost.kind == key.kind, Cost.channel == key.channel, Cost.of_hire.is_(False)
    )
    return session.scalars(wanted).one_or_none()


def _note(session: Session, tag: EventTag, row: Cost) -> None:
    data = event_data.CostNoted(month=row.month.isoformat(), kind=row.kind.value)
    record(session, tag, company_id=row.company_id, subject=("cost", row.id), data=data)


# reading


def by_month(session: Session, first: date, last: date) -> list[CostSum]:
    """Return the sums of the months from `first` to `last`, both included, in the order of month, kind and channel.

    One grouped statement along an index, in the scope of the caller; a month without costs has no row.
    """
    rows = read(session, _BY_MONTH, first=month_of(first), last=month_of(last))
    return [CostSum(month, kind, channel, int(yen)) for month, kind, channel, yen in rows]


def of_year(session: Session, since: date, until: date) -> list[YearSum]:
    """Return what the months from that of `since` to that of `until` cost together, both included, by kind and channel.

    One grouped statement along an index, in the scope of the caller.
    """
    rows = read(session, _OF_YEAR, first=month_of(since), last=month_of(until))
    return [YearSum(kind, channel, int(yen)) for kind, channel, yen in rows]


_BETWEEN = Cost.month.between(bindparam("first"), bindparam("last"))
_BY_MONTH = (
    select(Cost.month, Cost.kind, Cost.channel, func.sum(Cost.yen).label("yen"))
    .where(_BETWEEN)
    .group_by(Cost.month, Cost.kind, Cost.channel)
    .order_by(Cost.month, Cost.kind, Cost.channel)
)
_OF_YEAR = (
    select(Cost.kind, Cost.channel, func.sum(Cost.yen).label("yen"))
    .where(_BETWEEN)
    .group_by(Cost.kind, Cost.channel)
    .order_by(Cost.kind, Cost.channel)
)


def per_hire(yen: int, hires: int) -> int:
    """Return the cost of one hire, rounded half up."""
    return (2 * yen + hires) // (2 * hires)


_TYPED = select(Cost.kind, Cost.channel, Cost.yen).where(Cost.month == bindparam("month"), Cost.of_hire.is_(False))


def typed_of(session: Session, month: date) -> dict[tuple[CostKind, str], int]:
    """Return the sums of a month that a form may change: fees of single hires are not among them."""
    rows = session.execute(_TYPED, {"month": month_of(month)})
    return {(kind, channel): yen for kind, channel, yen in rows}


_FEES = (
    select(Cost.month, func.sum(Cost.yen))
    .where(Cost.month.in_(bindparam("months", expanding=True)), Cost.of_hire)
    .group_by(Cost.month)
)


def fees_of_hires(session: Session, months: Sequence[date]) -> dict[date, int]:
    """Return how much of the agency fees of each month was typed hire by hire."""
    rows = session.execute(_FEES, {"months": list(months)})
    return {month: int(yen) for month, yen in rows}


_LATEST = select(Application.id, Application.channel).order_by(Application.id.desc()).limit(LATEST).subquery()
_RECENT_CHANNELS = (
    select(_LATEST.c.channel)
    .where(_LATEST.c.channel != "")
    .group_by(_LATEST.c.channel)
    .order_by(func.count().desc(), _LATEST.c.channel)
    .limit(CHANNELS_OFFERED)
)


def recent_channels(session: Session) -> list[str]:
    """Return the channels of the newest applications, the most frequent first: the words to call a cost by."""
    return list(session.scalars(_RECENT_CHANNELS))


@cache  # tricks: portal.insights_costs_hires
def _hired() -> Select[*tuple[Any, ...]]:
    return _hires(Application.decided_on).where(
        Application.status == literal(ApplicationResult.HIRED, literal_execute=True),
        Application.decided_on >= moments.today(-HIRES_OF),
    )


def hires(session: Session, *, after: str = "", before: str = "") -> Page[HireRow]:
    """Return a page of those who were hired in the last two years, the newest first, each with the fee of the hire."""
    return _HIRES.page(session, _hired(), HireRow, after=after, before=before, limit=HIRES_A_PAGE, values={})


@cache  # tricks: portal.insights_costs_hires
def _without_hire() -> Select[*tuple[Any, ...]]:
    left = _hires(null()).where(Cost.of_hire, Application.status != ApplicationResult.HIRED)
    return left.order_by(Application.id.desc()).limit(HIRES_A_PAGE)


def fees_without_hire(session: Session) -> list[HireRow]:
    """Return fees whose hire was taken back since: each is to be removed, or its hire recorded again."""
    return [HireRow(*row) for row in session.execute(_without_hire())]


def _hires(day: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    columns = (Application.id, Application.candidate_id, Candidate.name, Application.channel, day, Cost.month, Cost.yen)
    return (
        select(*columns)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .outerjoin(Cost, Cost.application_id == Application.id)
    )
