"""Counting shared by all processes, and delays that grow (E-6, E-23)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.identity import throttle
from relay.identity.throttle import Patience
from relay.models import RateCount

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
THREE = {"key": Patience(free=3, longest=timedelta(seconds=60))}


def at(session: Session, seconds: float, patience: dict[str, Patience] | None = None) -> float:
    with clock.at(NOON + timedelta(seconds=seconds)):
        left = throttle.attempt(session, patience or THREE)
    session.commit()
    return left.total_seconds()


def test_the_first_attempts_are_free(session: Session) -> None:
    assert [at(session, 0) for _ in range(3)] == [0, 0, 0]


def test_then_each_wait_is_twice_the_last_up_to_the_longest(session: Session) -> None:
    moment, waits = 0.0, []
    for _ in range(12):
        if left := at(session, moment):
            waits.append(left)
            moment += left
            assert at(session, moment) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60] or waits[:7] == [1, 2, 4, 8, 16, 32, 60]


def test_knocking_while_waiting_does_not_prolong_the_wait(session: Session) -> None:
    for _ in range(5):
        at(session, 0)
    assert at(session, 0.25) == pytest.approx(0.75)
    assert at(session, 0.5) == pytest.approx(0.5)
    assert at(session, 1) == 0


def test_an_hours_rest_forgets_everything(session: Session) -> None:
    for moment in (0, 0, 0, 1, 3, 7, 15):
        assert at(session, moment) == 0
    assert at(session, 15) == 16
    assert [at(session, 4000), at(session, 4000), at(session, 4000)] == [0, 0, 0]


def test_an_attempt_refused_under_one_key_counts_under_none(session: Session) -> None:
    both = THREE | {"other": Patience(free=4, longest=timedelta(seconds=60))}
    for _ in range(3):
        at(session, 0)
    for _ in range(10):
        assert at(session, 0, both) > 0
    assert [at(session, 0, {"other": both["other"]}) for _ in range(4)] == [0, 0, 0, 0]


def test_held_back_attempts_leave_nothing_behind(session: Session) -> None:
    for _ in range(3):
        at(session, 0)
    for n in range(5):
        assert at(session, 0, THREE | {f"made-up-{n}": THREE["key"]}) > 0
    assert session.scalars(select(RateCount.key)).all() == ["key"]


@pytest.mark.parametrize(
    ("ip", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_a_network_counts_as_one_address(ip: str, counted_as: str) -> None:
    assert throttle.origin(ip) == counted_as


def test_success_starts_anew_and_gives_one_attempt_back(session: Session) -> None:
    for _ in range(3):
        at(session, 0)
    throttle.succeeded(session, anew=[], less=["key"])
    assert at(session, 0) == 0
    throttle.succeeded(session, anew=["key"])
    assert [at(session, 0) for _ in range(3)] == [0, 0, 0]


def test_hits_are_counted_within_their_window_only(session: Session) -> None:
    minute = timedelta(minutes=1)
    with clock.at(NOON):
        assert [throttle.hit(session, "a", window=minute) for _ in range(3)] == [1, 2, 3]
        assert throttle.hit(session, "b", window=minute) == 1
    with clock.at(NOON + minute):
        assert throttle.hit(session, "a", window=minute) == 1


def test_counts_go_after_a_day(session: Session) -> None:
    with clock.at(NOON):
        throttle.hit(session, "a", window=timedelta(days=3))
    with clock.at(NOON + timedelta(days=2)):
        throttle.sweep(session)
        assert throttle.hit(session, "a", window=timedelta(days=3)) == 1


def test_a_success_keeps_the_row_that_others_wait_for(session: Session) -> None:
    at(session, 0)
    throttle.succeeded(session, anew=["key"])
    assert session.execute(select(RateCount.key, RateCount.count)).all() == [("key", 0)]


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)  # SQLite lets one writer at a time in
def test_the_sweep_passes_over_rows_that_somebody_holds(app: Flask, session: Session) -> None:
    for key in ("held", "left"):
        at(session, 0, {key: THREE["key"]})
    with db.engine.connect() as other:
        other.execute(select(RateCount.key).where(RateCount.key == "held").with_for_update())
        with clock.at(NOON + timedelta(days=2)):
            throttle.sweep(session)
        session.commit()
    assert session.scalars(select(RateCount.key)).all() == ["held"]
