"""People who were hired, half a year and a year on: HR is asked for sixty days, and what it said is added to."""

from datetime import date
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import stays
from relay.models import Application, ApplicationResult, Event, EventTag, Stay, scopes
from tests.cast import Cast, make_application, make_candidate, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def hired(session: Session, cast: Cast, name: str, months: int, days: int = 0, **facts: Any) -> Application:
    """Somebody who was hired so many months and days ago."""
    values = {"status": ApplicationResult.HIRED, "decided_in_relay": True, "applied_on": None} | facts
    day = clock.today() - relativedelta(months=months, days=days)
    return make_application(session, make_candidate(session, cast.acme, name), decided_on=day, **values)


def asked(session: Session, cast: Cast) -> list[tuple[str, int]]:
    with scopes.company(session, cast.acme.id):
        rows = stays.rows(session).rows
        assert stays.due(session) == (len(rows), rows[0].hired_on if rows else None)
        return [(row.name, row.months) for row in rows]


def tell(session: Session, cast: Cast, hire: Application, months: int, *, there: bool) -> bool:
    with scopes.company(session, cast.acme.id):
        return stays.tell(session, hire.id, months, there=there, by_user_id=cast.ada.id)


def marks(session: Session, cast: Cast, hire: Application) -> list[tuple[int, bool | None, str]]:
    with scopes.company(session, cast.acme.id):
        return [(each.months, each.there, each.by) for each in stays.marks(session, [hire]).get(hire.id, [])]


def test_hr_is_asked_from_the_day_for_sixty_days_the_earliest_hire_first(session: Session, cast: Cast) -> None:
    hired(session, cast, "五か月 廿九", 5, 25)
    hired(session, cast, "六か月 今日", 6)
    hired(session, cast, "八か月 過去", 6, 62)
    hired(session, cast, "一年 今日", 12)
    hired(session, cast, "一年 過去", 12, 61)
    hired(session, cast, "辞退 した", 6, 1, status=ApplicationResult.WITHDREW)
    hired(session, cast, "取込 済", 6, 2, decided_in_relay=False)
    assert asked(session, cast) == [("一年 今日", 12), ("六か月 今日", 6)]
    with scopes.company(session, cast.other.id):
        assert stays.due(session) == (0, None)


def test_a_word_takes_them_off_and_a_later_one_is_added(session: Session, cast: Cast) -> None:
    hire = hired(session, cast, "六か月 今日", 6)
    assert tell(session, cast, hire, 6, there=True)
    assert not tell(session, cast, hire, 6, there=True), "sent twice"
    assert asked(session, cast) == []
    assert tell(session, cast, hire, 6, there=False)
    assert marks(session, cast, hire) == [(6, False, cast.ada.name)]
    with scopes.company(session, cast.acme.id):
        assert [each.there for each in session.scalars(select(Stay).order_by(Stay.id))] == [True, False]
        told = session.scalars(select(Event).where(Event.tag == EventTag.STAY_TOLD).order_by(Event.id)).all()
    assert [each.data["there"] for each in told] == [True, False]


def test_of_who_left_after_half_a_year_nobody_asks_after_a_year(session: Session, cast: Cast) -> None:
    hire = hired(session, cast, "一年 今日", 12)
    assert marks(session, cast, hire) == [(6, None, ""), (12, None, "")]
    tell(session, cast, hire, 6, there=False)
    assert asked(session, cast) == []
    with pytest.raises(stays.StayNotDue):
        tell(session, cast, hire, 12, there=True)
    tell(session, cast, hire, 6, there=True)
    assert asked(session, cast) == [("一年 今日", 12)]


def test_a_word_about_another_hire_asks_nobody_again(session: Session, cast: Cast) -> None:
    gone, there = hired(session, cast, "一年 今日", 12), hired(session, cast, "一年 昨日", 12, 1)
    tell(session, cast, gone, 6, there=False)
    tell(session, cast, there, 6, there=True)
    assert asked(session, cast) == [("一年 昨日", 12)]


def test_a_word_belongs_to_the_day_of_the_hire(session: Session, cast: Cast) -> None:
    hire = hired(session, cast, "六か月 今日", 6)
    tell(session, cast, hire, 6, there=True)
    hire.decided_on = clock.today() - relativedelta(months=6, days=3)
    session.flush()
    assert asked(session, cast) == [("六か月 今日", 6)]
    assert marks(session, cast, hire) == [(6, None, "")]


@pytest.mark.parametrize(("months", "on"), [(6, date.max), (12, None), (7, None)])
def test_only_a_mark_that_has_come_is_told(session: Session, cast: Cast, months: int, on: date | None) -> None:
    hire = hired(session, cast, "六か月 今日", 6)
    if on is not None:
        hire.decided_on = clock.today()
        session.flush()
    with pytest.raises(stays.StayNotDue):
        tell(session, cast, hire, months, there=True)
