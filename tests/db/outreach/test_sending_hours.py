"""When results leave: at a chosen time, by day, a day after the application, whatever delays them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from relay import clock
from relay.mail import standstill
from relay.models import Message, MessageState, scopes
from relay.outreach import results
from relay.outreach.results import TimeRefused
from tests.db.outreach.conftest import Desk, Postbox


def japan(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=clock.JAPAN)


MONDAY = japan(11, 30, 12)


@pytest.fixture(autouse=True)
def spares_the_night(desk: Desk) -> None:
    desk.cast.acme.daytime_only = True
    desk.session.commit()


def mail(desk: Desk) -> Message:
    with scopes.company(desk.session, desk.cast.acme.id):
        return desk.session.scalars(select(Message).execution_options(populate_existing=True)).one()


def leave(desk: Desk, postbox: Postbox, at: datetime) -> int:
    """Let the worker send what leaves at this moment; returns how many mails did."""
    before = len(postbox.mails)
    with clock.at(at):
        postbox.collect()
    return len(postbox.mails) - before


def test_what_is_confirmed_at_night_leaves_in_the_morning(desk: Desk, postbox: Postbox) -> None:
    with clock.at(japan(12, 4, 19, 55)):  # a Friday
        told = desk.tell(desk.person())

    assert told.due_at == japan(12, 7, 8)
    assert leave(desk, postbox, japan(12, 7, 7, 59)) == 0
    assert leave(desk, postbox, japan(12, 7, 8)) == 1


def test_what_was_due_by_day_waits_when_the_worker_comes_at_night(desk: Desk, postbox: Postbox) -> None:
    with clock.at(MONDAY):
        desk.tell(desk.person())

    assert leave(desk, postbox, japan(11, 30, 20)) == 0
    assert mail(desk).due_at == japan(12, 1, 8), "the bar on every page says so"
    assert leave(desk, postbox, japan(12, 1, 8)) == 1


def test_sending_resumed_at_night_sends_in_the_morning(desk: Desk, postbox: Postbox) -> None:
    with clock.at(MONDAY):
        desk.tell(desk.person())
        standstill.stop(desk.session, desk.cast.acme)
        desk.session.commit()
    with clock.at(japan(11, 30, 23)):
        standstill.resume(desk.session, desk.cast.acme)
        desk.session.commit()

    assert leave(desk, postbox, japan(11, 30, 23, 30)) == 0
    assert leave(desk, postbox, japan(12, 1, 8)) == 1


def test_a_mail_a_dead_worker_left_behind_waits_for_the_morning_too(desk: Desk, postbox: Postbox) -> None:
    with clock.at(MONDAY):
        desk.tell(desk.person())
        held = mail(desk)
        held.state, held.lease_until, held.attempts = MessageState.SENDING, japan(11, 30, 20, 5), 1
        desk.session.commit()

    assert leave(desk, postbox, japan(11, 30, 22)) == 0
    assert leave(desk, postbox, japan(12, 1, 8)) == 1


def test_a_company_that_does_not_spare_the_night_sends_then(desk: Desk, postbox: Postbox) -> None:
    desk.cast.acme.daytime_only = False
    desk.session.commit()
    with clock.at(japan(12, 5, 23)):
        desk.tell(desk.person())
    assert leave(desk, postbox, japan(12, 5, 23, 10)) == 1


def test_practice_comes_at_once_at_any_hour(desk: Desk, postbox: Postbox) -> None:
    desk.cast.acme.live_since = None
    desk.session.commit()
    with clock.at(japan(12, 5, 23)):
        desk.tell(desk.person())
    assert leave(desk, postbox, japan(12, 5, 23)) == 1


def test_somebody_who_applied_today_is_told_a_day_later_and_the_others_now(desk: Desk) -> None:
    with clock.at(MONDAY):
        early = desk.person("早瀬 一", "hayase@mail.example", applied_on=MONDAY.date(), created_at=japan(11, 30, 9))
        other = desk.person("高橋 花子", "hanako@mail.example", applied_on=japan(11, 2).date())
        told = desk.tell(early, other)

    assert told.due_at == MONDAY + timedelta(minutes=10)
    with scopes.company(desk.session, desk.cast.acme.id):
        due = {each.subject_id: each.due_at for each in desk.session.scalars(select(Message))}
    assert due == {early.id: japan(12, 1, 9), other.id: MONDAY + timedelta(minutes=10)}


def at(desk: Desk, chosen: datetime) -> results.Queued:
    with clock.at(MONDAY), scopes.company(desk.session, desk.cast.acme.id):
        return results.notify(
            desk.session,
            desk.cast.acme,
            [desk.notification(desk.person())],
            by_user_id=desk.cast.ada.id,
            due_at=chosen,
        )


def test_a_chosen_time_is_kept(desk: Desk) -> None:
    assert at(desk, japan(12, 7, 9)).due_at == japan(12, 7, 9)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (japan(11, 30, 11, 59), "過ぎています"),
        (japan(12, 31, 9), "先すぎます"),
        (japan(12, 6, 9), "次に送れるのは12月7日（月） 8:00です"),
        (japan(12, 7, 20), "次に送れるのは12月8日（火） 8:00です"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_the_next_is_named(desk: Desk, chosen: datetime, sentence: str) -> None:
    with pytest.raises(TimeRefused, match=sentence):
        at(desk, chosen)
