"""The mail of the morning is stopped from itself by one click, and switched on the page of one's own login."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.mail import tokens
from relay.models import TokenPurpose, scopes
from relay.network import morning
from tests.cast import Cast, browse, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def mailed(session: Session, cast: Cast) -> str:
    """The path of the page that the mail leads to."""
    token = tokens.mint(session, TokenPurpose.MORNING, cast.agnes.id)
    session.commit()
    return f"/morning-off/{token}"


def is_wanted(session: Session, cast: Cast) -> bool:
    session.rollback()
    with scopes.partner(session, cast.tsumugi.id):
        return morning.is_wanted(session, cast.agnes.id)


def test_the_mail_leads_to_a_page_that_stops_it(app: Flask, session: Session, cast: Cast) -> None:
    path, stranger = mailed(session, cast), app.test_client()
    page = stranger.get(path).text
    assert "これからも届きます" in page
    assert is_wanted(session, cast), "looking changes nothing"
    csrf = re.search(r'name="link_csrf" value="([^"]+)"', page)
    assert csrf
    assert stranger.post(path).status_code == 400, "not from this page"
    for _time in range(2):
        answer = stranger.post(path, data={"link_csrf": csrf[1]})
        assert (answer.status_code, answer.location) == (303, path)
    assert not is_wanted(session, cast)
    assert "朝のメールは停止しています" in stranger.get(path).text


def test_a_mail_program_stops_it_by_one_post(app: Flask, session: Session, cast: Cast) -> None:
    answer = app.test_client().post(mailed(session, cast), data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "Set-Cookie" not in answer.headers
    assert not is_wanted(session, cast)


def test_the_link_of_an_agent_who_left_opens_nothing(app: Flask, session: Session, cast: Cast) -> None:
    path = mailed(session, cast)
    cast.agnes.disabled_at = cast.agnes.created_at
    session.commit()
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert "「ログインとアカウント」の画面から停止できます" in answer.text


def test_an_agent_switches_it_on_the_own_page_and_members_have_no_such_page(
    app: Flask, session: Session, cast: Cast
) -> None:
    agnes: FlaskClient = browse(app, cast.agnes)
    assert "朝のメールを停止する" in agnes.get("/account").text
    for wanted in (False, False, True):
        answer = agnes.post("/account/morning-mail", data={"on": "1" if wanted else "0"})
        assert answer.location == "/account"
        assert is_wanted(session, cast) is wanted
    ada = browse(app, cast.ada)
    assert "朝のメール" not in ada.get("/account").text
    assert ada.post("/account/morning-mail", data={"on": "0"}).status_code == 403
