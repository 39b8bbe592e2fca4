"""The months that pages and mails of numbers look at."""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from flask_babel import gettext as _

from relay import clock

A_YEAR = 12
EVER = date(1970, 1, 1)
"""A month before all cases."""


@dataclass(frozen=True)
class Months:
    """Months in a row, by the first day of the first and of the last one."""

    since: date
    until: date

    @property
    def each(self) -> list[date]:
        """Return their first days, the oldest first."""
        count = 12 * (self.until.year - self.since.year) + self.until.month - self.since.month + 1
        return [self.since + relativedelta(months=number) for number in range(count)]

    def back(self, months: int) -> "Months":
        """Return as many months, so many earlier."""
        return Months(self.since - relativedelta(months=months), self.until - relativedelta(months=months))


def last_months(count: int = A_YEAR) -> Months:
    """Return the present month and those before it."""
    this = clock.today().replace(day=1)
    return Months(this - relativedelta(months=count - 1), this)


def until_now() -> Months:
    """Return all months there are."""
    return Months(EVER, clock.today().replace(day=1))


def month_words(months: Months) -> str:
    """Return 2025年12月〜2026年11月."""
    return _(
        "%(from_year)s年%(from_month)s月〜%(to_year)s年%(to_month)s月",
        from_year=months.since.year,
        from_month=months.since.month,
        to_year=months.until.year,
        to_month=months.until.month,
    )
