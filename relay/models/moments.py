"""Times of statements that are kept: each is looked up when the statement runs, not when it was put together.

A statement is put together once, at import, because that takes longer than running it; so what it compares with the
time must not be a value. Conditions that ask for the time are written with these, and may stand in a kept statement.
"""

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import BindParameter, Date, bindparam

from relay import clock
from relay.models.base import UtcDateTime

Span = timedelta | relativedelta


def now(later: Span = timedelta()) -> BindParameter[datetime]:
    """Return the moment at which the statement runs, or one so much later."""
    return bindparam("now", callable_=lambda: clock.now() + later, type_=UtcDateTime(), unique=True)


def today(later: Span = timedelta()) -> BindParameter[date]:
    """Return the day on which the statement runs, in Japan, or one so much later."""
    return bindparam("today", callable_=lambda: clock.today() + later, type_=Date(), unique=True)


def year_begins() -> BindParameter[datetime]:
    """Return the beginning of the calendar year in which the statement runs, in Japan."""
    return bindparam("year", callable_=_new_year, type_=UtcDateTime(), unique=True)


def _new_year() -> datetime:
    return clock.start_of_day(clock.today().replace(month=1, day=1))


def day_begins() -> BindParameter[datetime]:
    """Return the beginning of the day on which the statement runs, in Japan."""
    return bindparam("day", callable_=lambda: clock.start_of_day(clock.today()), type_=UtcDateTime(), unique=True)


def day_ends(later: Span = timedelta()) -> BindParameter[datetime]:
    """Return the end of the day on which the statement runs, in Japan, or of one so much later."""
    return bindparam("day", callable_=lambda: clock.end_of_day(clock.today() + later), type_=UtcDateTime(), unique=True)
