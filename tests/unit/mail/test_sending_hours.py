"""When result mails leave: over ten years of days none at night, on a day off or within a day of the application."""

from datetime import UTC, date, datetime, time, timedelta

import holidays
import jpholiday
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import clock
from relay.mail import sending_hours
from relay.mail.sending_hours import earliest, is_day_off, is_open, next_open
from relay.models import Company

FIRST, LAST = date(2026, 1, 1), date(2035, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
MOMENTS = st.builds(
    lambda day, minute: datetime.combine(day, time(0), tzinfo=UTC) + timedelta(minutes=minute),
    st.dates(FIRST, LAST),
    st.integers(0, 24 * 60 - 1),
)


def japan(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=clock.JAPAN)


def test_the_two_libraries_agree_on_ten_years_of_days() -> None:
    """Where they ever part, a mail waits: but somebody should know."""
    calendar = holidays.country_holidays("JP", years=range(FIRST.year, LAST.year + 1))
    assert [day for day in DAYS if (day in calendar) != bool(jpholiday.is_holiday(day))] == []


def test_no_day_of_ten_years_that_either_library_names_is_open_at_any_hour() -> None:
    calendar = holidays.country_holidays("JP", years=range(FIRST.year, LAST.year + 1))
    named = [day for day in DAYS if day in calendar or jpholiday.is_holiday(day)]
    assert len(named) > 160
    for day in named:
        assert not any(is_open(datetime.combine(day, time(hour, 30), tzinfo=clock.JAPAN)) for hour in range(24)), day


@pytest.mark.parametrize("name", ["holidays", "jpholiday"])
def test_a_day_that_one_library_alone_names_is_a_day_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2027, 6, 9)
    assert not is_day_off(day)
    sending_hours.is_holiday.cache_clear()
    if name == "holidays":
        monkeypatch.setattr(holidays, "country_holidays", lambda _country, years: {day})
    else:
        monkeypatch.setattr(jpholiday, "is_holiday", lambda asked: asked == day)
    assert is_day_off(day)
    monkeypatch.undo()
    sending_hours.is_holiday.cache_clear()


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (japan(2026, 11, 30, 12), japan(2026, 11, 30, 12)),
        (japan(2026, 11, 30, 19, 59), japan(2026, 11, 30, 19, 59)),
        (japan(2026, 11, 30, 20), japan(2026, 12, 1, 8)),
        (japan(2026, 12, 1, 3), japan(2026, 12, 1, 8)),
        (japan(2026, 12, 4, 21), japan(2026, 12, 7, 8)),
        (japan(2026, 9, 18, 20), japan(2026, 9, 24, 8)),
        (japan(2026, 12, 28, 20), japan(2027, 1, 4, 8)),
        (japan(2027, 5, 2, 10), japan(2027, 5, 6, 8)),
    ],
)
def test_the_next_open_hour(moment: datetime, opens: datetime) -> None:
    """Among them the five days off in a row of September 2026 and the turn of the year."""
    assert next_open(moment) == opens


@given(MOMENTS)
def test_the_next_open_hour_is_open_and_none_before_it_is(moment: datetime) -> None:
    opens = next_open(moment)
    assert is_open(opens)
    assert opens >= moment
    between = moment
    while between < opens:
        assert not is_open(between)
        between += timedelta(hours=1)


@given(
    wanted=MOMENTS,
    before=st.timedeltas(timedelta(0), timedelta(days=4)),
    late=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_a_mail_leaves_by_day_and_never_within_a_day_of_the_application(
    wanted: datetime, before: timedelta, late: timedelta
) -> None:
    """Whatever the hour of the application was, which only its day and the time of its record tell about."""
    applied_at = wanted - before
    rule = Company(daytime_only=True, day_after_application=True)

    leaves = earliest(rule, wanted, applied_on=applied_at.astimezone(clock.JAPAN).date(), recorded_at=applied_at + late)

    assert leaves >= max(wanted, applied_at + timedelta(hours=24))
    assert is_open(leaves)


@given(wanted=MOMENTS)
def test_a_company_without_the_rule_sends_when_it_wants(wanted: datetime) -> None:
    rule = Company(daytime_only=False, day_after_application=False)
    assert earliest(rule, wanted, applied_on=wanted.date(), recorded_at=wanted) == wanted


def test_an_application_without_a_day_does_not_wait() -> None:
    rule = Company(daytime_only=True, day_after_application=True)
    wanted = japan(2026, 11, 30, 12)
    assert earliest(rule, wanted, applied_on=None, recorded_at=wanted) == wanted
