"""Agency fees that hires by credits saved: hires of a position × its yearly salary × the rate the company pays.

The salary is the lower end of the position's range, a month's twelve times, without bonuses. What is unknown is said
and never assumed: without a rate, or a salary, nothing is reckoned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Position
from relay.models.positions import SalaryPeriod

MONTHS = {SalaryPeriod.YEAR: 1, SalaryPeriod.MONTH: 12}
"""How often a year has the period a salary is given by; hours and days of a year nobody knows."""


@dataclass(frozen=True)
class SavedFee:
    """The fee that hires for one position would have cost."""

    title: str
    hires: int
    salary: int
    yen: int


@dataclass(frozen=True)
class Savings:
    """Fees not paid, by position; `unpriced` hires are in none, because their yearly salary is not known."""

    fees: Sequence[SavedFee] = ()
    unpriced: int = 0

    @property
    def yen(self) -> int:
        """Return the sum."""
        return sum(each.yen for each in self.fees)


def of(session: Session, hires: Mapping[int, int], rate: Decimal | None) -> Savings:
    """Return what hires, by the ids of their positions, saved at a rate in percent, in the company's scope."""
    if rate is None:
        return Savings(unpriced=sum(hires.values()))
    wanted = select(Position.id, Position.title, Position.salary_per, Position.salary_from)
    fees = []
    for number, title, period, low in session.execute(wanted.where(Position.id.in_(hires)).order_by(Position.id)):
        if period in MONTHS and low is not None:
            salary = low * MONTHS[period]
            fees.append(SavedFee(title, hires[number], salary, int(hires[number] * salary * rate / 100)))
    return Savings(fees, sum(hires.values()) - sum(each.hires for each in fees))
