"""When a company's result mails may leave: by day, on working days, a day after the application at the earliest.

Holidays are those of two libraries, `holidays` and `jpholiday`: a day either of them names is one. A mail whose time
falls into a closed hour waits for the next open one, whatever delayed it.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters
from relay.models import Company, Message, MessageState

OPENS, CLOSES = time(8), time(20)
"""The hours of a working day in Japan; at CLOSES it is night already."""

YEAR_END = ((12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3))
"""Months and days on which offices are closed (行政機関の休日に関する法律 1条1項3号)."""

AFTER_APPLICATION = timedelta(hours=24)

_SATURDAY = 5


def is_day_off(day: date) -> bool:
    """Return whether offices in Japan are closed: Saturday, Sunday, the turn of the year, or a holiday."""
    return day.weekday() >= _SATURDAY or (day.month, day.day) in YEAR_END or is_holiday(day)


def working_day(day: date, count: int) -> date:
    """Return the `count`-th working day after a day: the last one of a turn of so many working days."""
    for _each in range(count):
        day += timedelta(days=1)
        while is_day_off(day):
            day += timedelta(days=1)
    return day


@cache  # one act asks for the same day up to 200 times
def is_holiday(day: date) -> bool:
    """Return whether either library names the day a holiday in Japan."""
    import holidays  # with its kin a tenth of a second, which no other process is to wait for
    import jpholiday

    return day in holidays.country_holidays("JP", years=day.year) or bool(jpholiday.is_holiday(day))


def is_open(moment: datetime) -> bool:
    """Return whether mails leave at this moment where a company spares nights and days off."""
    local = moment.astimezone(clock.JAPAN)
    return OPENS <= local.time() < CLOSES and not is_day_off(local.date())


def next_open(moment: datetime) -> datetime:
    """Return the moment itself where it is open, else the next time the doors open, in UTC."""
    if is_open(moment):
        return moment
    local = moment.astimezone(clock.JAPAN)
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    while is_day_off(day):
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, tzinfo=clock.JAPAN).astimezone(UTC)


def earliest(company: Company, wanted: datetime, *, applied_on: date | None, recorded_at: datetime) -> datetime:
    """Return when a result mail leaves that is wanted at `wanted`, by the company's rule.

    An application without a day does not wait. The hour of the day is not known: it was before the application was
    recorded, where that was on the same day, else before midnight.
    """
    if company.day_after_application and applied_on is not None:
        same_day = recorded_at.astimezone(clock.JAPAN).date() == applied_on
        applied_by = recorded_at if same_day else clock.end_of_day(applied_on)
        wanted = max(wanted, applied_by + AFTER_APPLICATION)
    return next_open(wanted) if company.daytime_only else wanted


def put_off(session: Session, moment: datetime) -> None:
    """Let mails that spare the night and are due in a closed hour wait for the next open one.

    Those left behind by a worker wait, too. Reads and writes the mails of every company.
    """
    if is_open(moment):
        return
    sparing = select(Company.id).where(Company.daytime_only)
    spares = Message.letter.in_(letters.sparing_nights())
    spared = (spares, Message.practice.is_(False), Message.company_id.in_(sparing))
    opens = next_open(moment)
    due = update(Message).where(Message.state == MessageState.SCHEDULED, Message.due_at <= moment, *spared)
    session.execute(due.values(due_at=opens), execution_options={"synchronize_session": False})
    left = update(Message).where(Message.state == MessageState.SENDING, Message.lease_until <= moment, *spared)
    session.execute(left.values(lease_until=opens), execution_options={"synchronize_session": False})
