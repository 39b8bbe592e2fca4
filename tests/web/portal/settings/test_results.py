"""The rule by which result mails leave: the delay, nights and days off, the day after an application."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Company, Event, EventTag
from tests.cast import Cast, browse, make_cast

PAGE = "/settings/results"
RULE = ("send_delay_minutes", "daytime_only", "day_after_application")


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def rule(session: Session) -> tuple[object, ...]:
    session.rollback()
    session.expire_all()
    acme = session.scalars(select(Company).where(Company.slug == "acme")).one()
    return tuple(getattr(acme, name) for name in RULE)


def test_an_administrator_changes_it_and_nobody_else_reads_it(app: Flask, cast: Cast, adam: FlaskClient) -> None:
    assert adam.get(PAGE).status_code == 200
    assert browse(app, cast.ada).get(PAGE).status_code == 403
    assert browse(app, cast.ada).post(PAGE, data={"send_delay_minutes": "5"}).status_code == 403


def test_the_rule_is_kept_and_logged_by_field(adam: FlaskClient, session: Session) -> None:
    assert rule(session) == (10, False, True)

    answer = adam.post(PAGE, data={"send_delay_minutes": "25", "daytime_only": "y"})

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert rule(session) == (25, True, False)
    logged = session.scalars(select(Event.data).where(Event.tag == EventTag.COMPANY_CHANGED.value)).all()
    assert logged == [{"fields": list(RULE)}]


@pytest.mark.parametrize("typed", ["61", "-1", "soon", ""])
def test_a_delay_that_cannot_be_is_said_and_nothing_is_kept(adam: FlaskClient, session: Session, typed: str) -> None:
    answer = adam.post(PAGE, data={"send_delay_minutes": typed, "daytime_only": "y"})
    assert answer.status_code == 422
    assert "0から60" in answer.text
    assert rule(session) == (10, False, True)


def test_the_page_names_the_hours(adam: FlaskClient) -> None:
    page = adam.get(PAGE).text
    assert "平日の8:00から20:00の間に送ります" in page
    assert "年末年始（12月29日〜1月3日）" in page


def test_a_second_administrator_is_shown_both_values(adam: FlaskClient, session: Session) -> None:
    form = {"opened": re.findall(r'name="opened" value="([^"]+)"', adam.get(PAGE).text)[0]}
    adam.post(PAGE, data={"send_delay_minutes": "5", "daytime_only": "y", "day_after_application": "y"})

    answer = adam.post(PAGE, data=form | {"send_delay_minutes": "30", "day_after_application": "y"})

    assert answer.status_code == 409
    assert "夜間と休日には送らない" in answer.text
    assert rule(session) == (5, True, True)
