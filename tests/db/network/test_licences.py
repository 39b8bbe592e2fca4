"""Licences that run out: who is warned, when, and that each warning leaves once (B-12)."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Partner
from relay.network import licences, partners
from tests.cast import Cast
from tests.db.network.build import mails

EVERYONE = ["adam@acme.example", "agnes@tsumugi.example"]


def days_before_the_end(session: Session, partner: Partner, days: int) -> list[str]:
    """Run the day's job so many days before the licence ends; returns who is mailed."""
    assert partner.license_until is not None
    before = len(mails(session, "licence-ends"))
    ahead = (partner.license_until - clock.today()).days - days
    with clock.at(clock.now() + timedelta(days=ahead)):
        licences.warn(session)
        licences.warn(session)
    session.commit()
    return [each.to_address for each in mails(session, "licence-ends")[before:]]


def test_each_warning_leaves_once_on_its_day(session: Session, cast: Cast) -> None:
    asked = [61, 60, 59, 31, 30, 8, 7, 1, 0, -1, -2, -40]
    warned = {days: days_before_the_end(session, cast.tsumugi, days) for days in asked}
    assert {days for days, to in warned.items() if to} == {60, 30, 7, -1}
    assert warned[60] == EVERYONE
    assert [each.values["days"] for each in mails(session, "licence-ends")[::2]] == [60, 30, 7, 0]


def test_whoever_joins_late_is_warned_once_and_a_renewed_licence_anew(session: Session, cast: Cast) -> None:
    assert days_before_the_end(session, cast.tsumugi, 20) == EVERYONE
    assert days_before_the_end(session, cast.tsumugi, 19) == []
    assert cast.tsumugi.license_until is not None
    cast.tsumugi.license_until += timedelta(days=30)
    assert days_before_the_end(session, cast.tsumugi, 20) == EVERYONE


def test_companies_without_a_partnership_and_schools_are_left_alone(session: Session, cast: Cast) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    cast.manabi.license_until = cast.tsumugi.license_until
    assert days_before_the_end(session, cast.tsumugi, 30) == ["agnes@tsumugi.example"]


@pytest.mark.parametrize(("days", "listed"), [(61, []), (60, [60]), (0, [0]), (-3, [-3])])
def test_home_lists_what_ends_soon(session: Session, cast: Cast, days: int, listed: list[int]) -> None:
    cast.tsumugi.license_until = clock.today() + timedelta(days=days)
    found = licences.ending(session, cast.acme.id)
    assert [each.days_left for each in found] == listed
    assert all(each.expired is (days < 0) for each in found)
    assert licences.ending(session, cast.other.id) == []
