"""A forgotten password: one answer for everybody, one link for an hour, no login by it, the factor stays (C-23)."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.access.csrf import link_csrf
from relay.identity import second_factor, users
from relay.infra import vault
from relay.models import Event, EventTag, Message, UserSession, scopes
from relay.text import mail_key
from tests.cast import PASSWORD, Cast, browse, make_cast
from tests.web.account.conftest import Post, link_in, text_of

ADA, AGNES = "ada@acme.example", "agnes@tsumugi.example"
NEW = "atarashii kotoba wo narabeta"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def client(app: Flask, cast: Cast) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def ask(client: FlaskClient, email: str) -> TestResponse:
    return client.post("/password", data={"email": email})


def put(client: FlaskClient, path: str, password: str = NEW) -> TestResponse:
    return client.post(path, data={"link_csrf": link_csrf(path.rpartition("/")[2]), "password": password})


def sign_in(client: FlaskClient, password: str, email: str = ADA) -> int:
    return client.post("/login", data={"email": email, "password": password}).status_code


def queued(session: Session) -> int:
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count(Message.id))) or 0


def test_the_login_page_leads_there(client: FlaskClient) -> None:
    assert 'href="/password"' in client.get("/login").text
    assert client.get("/password").status_code == 200


def test_a_new_password_by_the_mailed_link(client: FlaskClient, post: Post) -> None:
    ask(client, ADA)
    [mail] = post(ADA)
    path = link_in(mail, "/password/")
    for _scanner in range(3):
        assert client.get(path).status_code == 200, "looking uses nothing up (C-16)"
    done = put(client, path)
    assert done.status_code == 200
    assert "新しいパスワードでログイン" in done.text
    assert client.get("/pool").status_code == 302, "nobody is signed in by it"
    assert sign_in(client, PASSWORD) == 422
    assert sign_in(client, NEW) == 303
    assert "新しくなりました" in text_of(post(ADA)[-1]), "the person is told"


def test_an_agent_gets_one_too_and_no_company_sees_it(client: FlaskClient, session: Session, post: Post) -> None:
    ask(client, AGNES)
    [mail] = post(AGNES)
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Message.company_id)).all() == [None]
    assert put(client, link_in(mail, "/password/")).status_code == 200
    assert sign_in(client, NEW, AGNES) == 303


def test_the_answer_tells_nobody_who_exists(client: FlaskClient, session: Session, cast: Cast) -> None:
    users.disable(session, cast.vic)
    answers = [ask(client, email) for email in (ADA, "nobody@acme.example", "vic@acme.example", "no address")]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/password?asked=1")}
    assert "受け付けました" in client.get(answers[0].location).text
    assert queued(session) == 1, "and only the one who is there gets mail"
    events = session.scalars(select(Event).where(Event.tag == EventTag.PASSWORD_ASKED.value).order_by(Event.id)).all()
    assert [event.subject_id for event in events] == [cast.ada.id, None, None, None]
    assert all(event.data == {} for event in events)


def test_nobodys_mailbox_is_flooded(client: FlaskClient, session: Session) -> None:
    answers = [ask(client, ADA).status_code for _time in range(6)]
    assert answers == [303] * 6
    assert queued(session) == 3


def test_one_network_address_asks_so_often_and_no_more(client: FlaskClient) -> None:
    answers = [ask(client, f"person{number}@acme.example").status_code for number in range(21)]
    assert answers == [303] * 20 + [429]


def test_a_link_works_once_and_with_it_every_other_ends(client: FlaskClient, post: Post) -> None:
    ask(client, ADA)
    ask(client, ADA)
    first, second = (link_in(mail, "/password/") for mail in post(ADA))
    assert put(client, first).status_code == 200
    for path in (first, second):
        assert client.get(path).status_code == 404
        assert put(client, path, "yet another one entirely").status_code == 404
    assert sign_in(client, NEW) == 303


def test_a_link_works_for_an_hour(client: FlaskClient, post: Post) -> None:
    ask(client, ADA)
    path = link_in(post(ADA)[0], "/password/")
    with clock.at(clock.now() + timedelta(minutes=59)):
        assert client.get(path).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=61)):
        gone = client.get(path)
        assert gone.status_code == 404
        assert "このリンクは、いまは使えません" in gone.text
        assert put(client, path).status_code == 404


def test_a_weak_password_leaves_the_link_as_it_was(client: FlaskClient, post: Post) -> None:
    ask(client, ADA)
    path = link_in(post(ADA)[0], "/password/")
    for weak in ("short", "aaaaaaaaaaaaaaaaaaaa", ""):
        refused = put(client, path, weak)
        assert refused.status_code == 422
        assert "field__error" in refused.text
    assert put(client, path).status_code == 200


def test_every_open_session_ends(app: Flask, client: FlaskClient, cast: Cast, post: Post) -> None:
    open_elsewhere = browse(app, cast.ada)
    ask(client, ADA)
    put(client, link_in(post(ADA)[0], "/password/"))
    assert open_elsewhere.get("/pool").status_code == 302


def test_the_second_factor_is_still_asked_for(
    app: Flask, client: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    second_factor.begin(session, cast.ada)
    code = pyotp.TOTP(vault.unseal(cast.ada.totp_pending)).at(clock.now())
    second_factor.confirm(session, cast.ada, code, hash_key=app.config["RELAY"].hash_key, keep_session=None)
    ask(client, ADA)
    put(client, link_in(post(ADA)[-1], "/password/"))
    answer = client.post("/login", data={"email": ADA, "password": NEW})
    assert answer.location == "/login/code"
    assert client.get("/pool").status_code == 302


def test_a_login_shut_since_gets_no_new_password(client: FlaskClient, session: Session, cast: Cast, post: Post) -> None:
    ask(client, ADA)
    path = link_in(post(ADA)[0], "/password/")
    users.disable(session, cast.ada)
    assert client.get(path).status_code == 404
    assert put(client, path).status_code == 404


def test_a_link_that_travelled_to_an_address_given_up_since_opens_nothing(
    client: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    ask(client, ADA)
    path = link_in(post(ADA)[0], "/password/")
    cast.ada.email, cast.ada.email_key = "ada.neu@acme.example", mail_key("ada.neu@acme.example")
    assert client.get(path).status_code == 404
    assert put(client, path).status_code == 404


def test_the_pages_behind_the_link_set_no_cookie(client: FlaskClient, post: Post) -> None:
    ask(client, ADA)
    path = link_in(post(ADA)[0], "/password/")
    for answer in (client.get(path), put(client, path, "short"), put(client, path), client.get(path)):
        assert "Set-Cookie" not in answer.headers
        assert not re.search(r"csrf_token", answer.text)


def test_a_form_without_the_links_own_value_is_refused(client: FlaskClient, session: Session, post: Post) -> None:
    ask(client, ADA)
    path = link_in(post(ADA)[0], "/password/")
    assert client.post(path, data={"password": NEW, "link_csrf": "guess"}).status_code == 400
    assert sign_in(client, PASSWORD) == 303
    assert session.scalar(select(func.count(UserSession.id))) == 1
