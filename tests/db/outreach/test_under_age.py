"""Nobody under the minimum age is offered the relay where a birth date is known: one number, on the day of the mail."""

from datetime import date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from relay import clock
from relay.candidates.age import MINIMUM_AGE, is_under_age
from relay.models import Candidate, RelayLink, scopes
from tests.db.outreach.conftest import Desk, Postbox, text_of

DELAY = timedelta(minutes=11)


def born(desk: Desk, birth_date: date | None, email: str) -> None:
    """Tell somebody with this birth date their result."""
    application = desk.person(email=email)
    with scopes.company(desk.session, desk.cast.acme.id):
        candidate = desk.session.scalars(select(Candidate).where(Candidate.id == application.candidate_id)).one()
        candidate.birth_date = birth_date
    desk.session.commit()
    desk.tell(application)


def is_offered(postbox: Postbox) -> bool:
    [mail] = postbox.mails
    assert "見送らせて" in text_of(mail), "everybody is told the result"
    return "/r/" in text_of(mail)


@pytest.mark.parametrize(
    ("days_short", "offered"), [(366, False), (1, False), (0, True), (-1, True), (None, True)], ids=str
)
def test_the_result_carries_the_relay_part_from_the_birthday_on(
    desk: Desk, postbox: Postbox, days_short: int | None, offered: bool
) -> None:
    birthday = clock.today() - relativedelta(years=MINIMUM_AGE)
    born(desk, None if days_short is None else birthday + timedelta(days=days_short), "young@mail.example")
    postbox.collect(later=DELAY)
    assert is_offered(postbox) is offered
    with scopes.company(desk.session, desk.cast.acme.id):
        assert (desk.session.scalars(select(RelayLink)).first() is not None) is offered


def test_the_day_on_which_the_mail_leaves_decides(desk: Desk, postbox: Postbox) -> None:
    born(desk, clock.today() - relativedelta(years=MINIMUM_AGE) + timedelta(days=1), "young@mail.example")
    postbox.collect(later=timedelta(days=1, minutes=11))
    assert is_offered(postbox)


def test_the_day_is_that_of_japan() -> None:
    birth_date = date(2010, 11, 29)
    midnight = datetime(2010 + MINIMUM_AGE, 11, 29, tzinfo=clock.JAPAN)
    with clock.at(midnight - timedelta(seconds=1)):
        assert is_under_age(birth_date)
    with clock.at(midnight):
        assert not is_under_age(birth_date)
    assert not is_under_age(None)


def test_the_29th_of_february_is_waited_for_where_there_is_none() -> None:
    with clock.at(datetime(2100, 2, 28, tzinfo=clock.JAPAN)):
        assert is_under_age(date(2084, 2, 29))
    with clock.at(datetime(2100, 3, 1, tzinfo=clock.JAPAN)):
        assert not is_under_age(date(2084, 2, 29))
