"""Signing in: equal answers, growing delays, nobody locked out by strangers (E-6)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import sessions, sign_in, users
from relay.identity.passwords import hash_password
from relay.identity.sign_in import ANYWHERE
from relay.models import Actor, Event, EventTag, act_as
from tests.cast import PASSWORD, Cast, make_cast

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEY = b"h" * 40
OFFICE, STRANGER = "192.0.2.10", "198.51.100.7"


@pytest.fixture
def cast(session: Session) -> Iterator[Cast]:
    with clock.at(NOON):
        yield make_cast(session)


def knock(session: Session, email: str, password: str, *, ip: str = OFFICE, later: float = 0) -> str | None:
    """One whole attempt; "wait" when it is held back, the session's secret when it succeeds."""
    with clock.at(NOON + timedelta(seconds=later)):
        act_as(session, Actor("visitor", None, ip))
        attempt = sign_in.begin(session, email=email, ip=ip, hash_key=KEY)
        session.commit()
        if attempt.must_wait:
            return "wait"
        entry = sign_in.finish(session, attempt, sign_in.prove(attempt, password), agent="test")
        session.commit()
        return entry.token if entry else None


def logged(session: Session, tag: EventTag) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.tag == tag.value).order_by(Event.id)))


def test_the_right_password_opens_a_session(session: Session, cast: Cast) -> None:
    token = knock(session, "ADA@acme.example", PASSWORD)
    assert token is not None
    person = sessions.load(session, token)
    assert person is not None
    assert (person.user_id, person.company_id, person.organisation) == (cast.ada.id, cast.acme.id, "株式会社acme")
    [event] = logged(session, EventTag.SIGNED_IN)
    assert (event.company_id, event.subject_id, event.ip) == (cast.acme.id, cast.ada.id, OFFICE)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@acme.example", PASSWORD + " "),
        ("ada@acme.example", PASSWORD.upper()),
        ("ada@acme.example", ""),
        ("ada@acme.example", PASSWORD + "x" * 200),
        ("nobody@acme.example", PASSWORD),
        ("", PASSWORD),
        ("no address", PASSWORD),
    ],
)
def test_anything_else_does_not(session: Session, cast: Cast, email: str, password: str) -> None:
    assert knock(session, email, password) is None


def test_a_disabled_login_is_answered_like_an_unknown_one(session: Session, cast: Cast) -> None:
    users.disable(session, cast.ada)
    attempt = sign_in.begin(session, email="ada@acme.example", ip=OFFICE, hash_key=KEY)
    assert attempt.user is None
    assert sign_in.prove(attempt, PASSWORD).user is None


def test_a_refusal_is_logged_without_what_was_typed(session: Session, cast: Cast) -> None:
    knock(session, "ada@acme.example", "wrong")
    knock(session, "secret-name@mail.example", "wrong")
    known, unknown = logged(session, EventTag.SIGN_IN_REFUSED)
    assert (known.company_id, known.subject_id) == (cast.acme.id, cast.ada.id)
    assert (unknown.company_id, unknown.subject_id, unknown.data, unknown.ip) == (None, None, {}, OFFICE)


@pytest.mark.parametrize("email", ["ada@acme.example", "nobody@acme.example"])
def test_after_five_failures_the_next_waits_whoever_it_is_for(session: Session, cast: Cast, email: str) -> None:
    assert [knock(session, email, "wrong") for _ in range(6)] == [None] * 5 + ["wait"]
    assert knock(session, email, "wrong", later=1) is None
    assert knock(session, email, "wrong", later=2) == "wait"
    assert knock(session, email, "wrong", later=3) is None


def test_the_right_password_waits_too_and_is_let_in_after(session: Session, cast: Cast) -> None:
    for _ in range(5):
        knock(session, "ada@acme.example", "wrong")
    assert knock(session, "ada@acme.example", PASSWORD) == "wait"
    assert knock(session, "ada@acme.example", PASSWORD, later=1) not in {None, "wait"}


def test_success_forgets_the_failures_before_it(session: Session, cast: Cast) -> None:
    for _ in range(4):
        knock(session, "ada@acme.example", "wrong")
    assert knock(session, "ada@acme.example", PASSWORD) is not None
    assert [knock(session, "ada@acme.example", "wrong") for _ in range(5)] == [None] * 5


def test_strangers_cannot_keep_someone_out_where_they_have_signed_in_before(session: Session, cast: Cast) -> None:
    assert knock(session, "ada@acme.example", PASSWORD) not in {None, "wait"}
    for number in range(100):
        knock(session, "ada@acme.example", "wrong", ip=f"198.51.100.{number}")
    assert knock(session, "ada@acme.example", "wrong", ip="198.51.100.200") == "wait"
    assert knock(session, "ada@acme.example", PASSWORD) not in {None, "wait"}


def test_a_new_address_of_a_known_ipv6_network_is_known(session: Session, cast: Cast) -> None:
    assert knock(session, "ada@acme.example", PASSWORD, ip="2001:db8:1:2::1") not in {None, "wait"}
    for number in range(100):
        knock(session, "ada@acme.example", "wrong", ip=f"198.51.100.{number}")
    assert knock(session, "ada@acme.example", PASSWORD, ip="2001:db8:1:3::1") == "wait", "another network is not"
    assert knock(session, "ada@acme.example", PASSWORD, ip="2001:db8:1:2::9") not in {None, "wait"}


def test_elsewhere_strangers_hold_someone_up_for_a_minute_at_most(session: Session, cast: Cast) -> None:
    moment = 0.0
    for number in range(60):
        knock(session, "ada@acme.example", "wrong", ip=f"198.51.100.{number}", later=moment)
        moment += 61
    wait = ANYWHERE.longest.total_seconds()
    assert knock(session, "ada@acme.example", PASSWORD, ip="203.0.113.5", later=moment + wait) not in {None, "wait"}


def test_one_address_cannot_try_many_accounts(session: Session, cast: Cast) -> None:
    answers = [knock(session, f"person{number}@acme.example", "wrong", ip=STRANGER) for number in range(40)]
    assert answers[:30] == [None] * 30
    assert answers[-1] == "wait"
    assert knock(session, "ada@acme.example", PASSWORD) not in {None, "wait"}


def test_a_new_ipv6_address_of_the_same_network_is_no_new_start(session: Session, cast: Cast) -> None:
    answers = [knock(session, f"person{n}@acme.example", "wrong", ip=f"2001:db8:1:2::{n}") for n in range(31)]
    assert answers == [None] * 30 + ["wait"]


def test_an_office_that_signs_in_often_is_not_held_up(session: Session, cast: Cast) -> None:
    assert all(knock(session, "ada@acme.example", PASSWORD) not in {None, "wait"} for _ in range(40))


def test_held_back_attempts_leave_no_row_behind(session: Session, cast: Cast) -> None:
    for _ in range(50):
        knock(session, "ada@acme.example", "wrong")
    assert len(logged(session, EventTag.SIGN_IN_REFUSED)) == 5


def test_an_older_hash_is_made_anew_at_the_next_login(session: Session, cast: Cast) -> None:
    from argon2 import PasswordHasher

    cast.ada.password_hash = old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    session.commit()
    knock(session, "ada@acme.example", "wrong")
    assert cast.ada.password_hash == old
    assert knock(session, "ada@acme.example", PASSWORD) is not None
    assert cast.ada.password_hash != old
    assert knock(session, "ada@acme.example", PASSWORD) is not None


@pytest.mark.usefixtures("full_hashing")
def test_unknown_people_cost_one_comparison_like_everybody(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.ada.password_hash = hash_password(PASSWORD)
    session.commit()
    compared: list[Any] = []
    real = sign_in.check_password
    monkeypatch.setattr(sign_in, "check_password", lambda *both: compared.append(both) or real(*both))
    knock(session, "ada@acme.example", "wrong")
    knock(session, "nobody@acme.example", "wrong")
    assert [stored.split("$")[3] for stored, _typed in compared] == ["m=19456,t=2,p=1"] * 2
