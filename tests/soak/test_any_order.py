"""The long forms of tests that do acts in any order or at once: ledger, mistakes, practice, results, years, people."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from tests.cast import Cast, make_cast
from tests.db.hiring.test_progress import RECORDED, record_and_take_back
from tests.db.introductions import build, test_at_once, test_gate
from tests.db.network import test_ledger, test_ledger_at_once
from tests.db.outreach import test_mistakes_in_any_order, test_practice_never_reaches_anyone
from tests.db.rights.test_three_years import live_three_years
from tests.web.landing.test_at_once import register_at_once

ORDERS = 100
ROUNDS = 200


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def test_every_order_of_acts_keeps_the_ledger_exact(session: Session) -> None:
    test_ledger.play(session, orders=ORDERS)


def test_two_hundred_times_one_of_sixty_four_ends_a_reservation(app: Flask, session: Session) -> None:
    test_ledger_at_once.race(app, session, rounds=ROUNDS)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_hundred_times_sixty_four_end_one_request(app: Flask, session: Session, cast: Cast, _round: int) -> None:
    test_at_once.race(app, build.desk(session, cast), at_once=64)


def test_in_every_history_only_a_live_link_shows_anything(app: Flask, session: Session) -> None:
    assert test_gate.play(app, session, orders=ORDERS) > 0


def test_every_order_of_mistakes_counts_each_person_once_or_not(session: Session) -> None:
    test_mistakes_in_any_order.play(session, orders=ORDERS)


@pytest.mark.usefixtures("cast")
def test_whatever_is_pressed_in_practice_no_candidate_is_mailed(session: Session) -> None:
    test_practice_never_reaches_anyone.play(session, orders=ORDERS)


@settings(max_examples=ORDERS, deadline=None, suppress_health_check=list(HealthCheck))
@given(**RECORDED)
def test_whatever_was_recorded_and_taken_back_leaves_the_rows_as_they_were(
    session: Session, cast: Cast, **recorded: Any
) -> None:
    record_and_take_back(session, cast, **recorded)


@pytest.mark.parametrize("seed", range(30))
def test_three_years_of_random_days_keep_and_erase_as_the_page_says(session: Session, cast: Cast, seed: int) -> None:
    live_three_years(session, cast, seed=seed)


def test_thirty_two_register_in_one_moment(app: Flask, session: Session, cast: Cast) -> None:
    register_at_once(app, session, cast, people=32)
