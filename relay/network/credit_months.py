"""The ledger month by month, as a statement: a month that is over reads the same whenever it is read (B-20).

Its lines never change, no line comes before an earlier one, and referrals are numbers and days. Months are those of
Japan (F-20).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import CreditEntry, scopes
from relay.models.keyset import Keyset, Page, ascending
from relay.network.credits import StatementLine, lines_of

LINES = 40
"""How many lines a page of a month has."""
CHUNK_SIZE = 200
"""How many lines are read at once for a file."""
_WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_IN_ORDER = Keyset(ascending(CreditEntry.at), ascending(CreditEntry.sequence))


class MonthUnreadable(DomainError):
    """Raise where no month is written, or one that has not begun."""

    code = "month-unreadable"
    message = _l(
        "この月の明細は表示できません。月は「2026-10」のように、今月までの年と月を指定してください。記録は変わっていません。"
    )


@dataclass(frozen=True, order=True)
class LedgerMonth:
    """A calendar month in Japan, by its first day."""

    first: date

    @classmethod
    def of(cls, day: date) -> "LedgerMonth":
        """Return the month a day lies in."""
        return cls(day.replace(day=1))

    @classmethod
    def read(cls, written: str) -> "LedgerMonth":
        """Return the month that is written like 2026-10. Raises MonthUnreadable, also for one that has not begun."""
        found = _WRITTEN.fullmatch(written)
        month = cls(date(int(found[1]), int(found[2]), 1)) if found else None
        if month is None or month.first > clock.today():
            raise MonthUnreadable
        return month

    @property
    def next(self) -> "LedgerMonth":
        """Return the month that follows."""
        return LedgerMonth.of(self.first + timedelta(days=31))

    @property
    def previous(self) -> "LedgerMonth":
        """Return the month before."""
        return LedgerMonth.of(self.first - timedelta(days=1))

    @property
    def over(self) -> bool:
        """Return whether no line can be added to it any more."""
        return self.next.first <= clock.today()

    @property
    def begins(self) -> datetime:
        """Return its first moment, in UTC."""
        return clock.start_of_day(self.first)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class CarriedOver:
    """The credits at the turn of a month: free, and set aside."""

    free: int
    set_aside: int


_BEFORE = (
    select(CreditEntry.balance, CreditEntry.set_aside)
    .where(CreditEntry.at < bindparam("begins"))
    .order_by(CreditEntry.at.desc(), CreditEntry.sequence.desc())
    .limit(1)
)
_FIRST = select(CreditEntry.at).order_by(CreditEntry.sequence).limit(1)


def carried_into(session: Session, company_id: int, month: LedgerMonth) -> CarriedOver:
    """Return what the month begins with: the balances of the last line before it."""
    with scopes.company(session, company_id):
        last = session.execute(_BEFORE, {"begins": month.begins}).first()
    return CarriedOver(last.balance, last.set_aside) if last else CarriedOver(0, 0)


def first_month(session: Session, company_id: int) -> LedgerMonth | None:
    """Return the month of the first line; None where there is none."""
    with scopes.company(session, company_id):
        at = session.scalar(_FIRST)
    return LedgerMonth.of(at.astimezone(clock.JAPAN).date()) if at else None


_OF_MONTH = select(CreditEntry).where(CreditEntry.at >= bindparam("begins"), CreditEntry.at < bindparam("ends"))


def page_of_month(
    session: Session, company_id: int, month: LedgerMonth, *, after: str = "", limit: int = LINES
) -> Page[StatementLine]:
    """Return lines of the month, the oldest first."""
    with scopes.company(session, company_id):
        of = {"begins": month.begins, "ends": month.next.begins}
        found = _IN_ORDER.page(session, _OF_MONTH, lambda entry: entry, after=after, limit=limit, values=of)
        return replace(found, rows=lines_of(session, found.rows))


def lines_of_month(session: Session, company_id: int, month: LedgerMonth) -> Iterator[StatementLine]:
    """Yield every line of the month, a chunk at a time."""
    found = page_of_month(session, company_id, month, limit=CHUNK_SIZE)
    yield from found.rows
    while found.next:
        found = page_of_month(session, company_id, month, after=found.next, limit=CHUNK_SIZE)
        yield from found.rows
