"""Time for the whole house: always aware, stored in UTC, shown in Japan.

Nothing else asks the machine for the time, so a test or the demo can stand at any moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_pinned: ContextVar[datetime | None] = ContextVar("relay_clock", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _pinned.get() or datetime.now(UTC)


def today() -> date:
    """Return the calendar day in Japan; deadlines count these days (F-20)."""
    return now().astimezone(JAPAN).date()


def start_of_day(day: date) -> datetime:
    """Return the first second of a Japanese calendar day, in UTC (F-20)."""
    return datetime(day.year, day.month, day.day, tzinfo=JAPAN).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return the last second of a Japanese calendar day, in UTC (F-20)."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=JAPAN).astimezone(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stand at `moment` (aware) inside the block."""
    token = _pinned.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pinned.reset(token)
