"""The login page: what it answers, which cookie it sets, where it leads (E-6, E-7, E-9)."""

import re
from collections.abc import Callable
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock, create_app
from relay.extensions import db
from relay.identity import users
from relay.models import Event, EventTag, UserSession
from tests.cast import PASSWORD, Cast, browse, make_cast
from tests.conftest import ON_ONE, make_settings
from tests.prepared import Prepared, up_to_date


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, next: str = "") -> TestResponse:
    return client.post("/login", data={"email": email, "password": password, "next": next})


def without_token(page: TestResponse) -> str:
    """The page without its CSRF token, which changes with the second."""
    return re.sub(r'(?<=")[\w-]+\.[\w-]+\.[\w-]+(?=")', "", page.text)


def count_sessions(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count(UserSession.id))) or 0


def test_the_page_asks_for_address_and_password_and_hints_at_no_one(client: FlaskClient) -> None:
    page = client.get("/login")
    assert page.status_code == 200
    assert 'type="password"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert "demo" not in page.text


@pytest.mark.parametrize(("who", "where"), [("ada", "/"), ("vic", "/"), ("agnes", "/agency")])
def test_each_kind_of_person_lands_at_home(client: FlaskClient, cast: Cast, who: str, where: str) -> None:
    answer = sign_in(client, getattr(cast, who).email)
    assert answer.status_code == 303
    assert answer.location.removesuffix("/people") == where
    assert client.get(answer.location, follow_redirects=True).status_code == 200


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: FlaskClient, cast: Cast) -> None:
    wrong = sign_in(client, "ada@acme.example", "wrong")
    unknown = sign_in(client, "nobody@acme.example", "wrong")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "メールアドレスかパスワードが違います" in wrong.text
    assert without_token(wrong).replace("ada@", "nobody@") == without_token(unknown)
    assert "wrong" not in wrong.text


def test_nothing_typed_is_told_field_by_field(client: FlaskClient) -> None:
    answer = client.post("/login", data={})
    assert answer.status_code == 422
    assert "メールアドレスを入力してください" in answer.text
    assert "パスワードを入力してください" in answer.text


def test_the_cookie_changes_with_the_login(client: FlaskClient, cast: Cast) -> None:
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
        before["_user_id"] = "a guess"
    sign_in(client, "ada@acme.example")
    with client.session_transaction() as after:
        assert "planted" not in after
        assert len(after["_user_id"]) >= 43


def test_signing_in_again_ends_the_session_before(client: FlaskClient, session: Session, cast: Cast) -> None:
    sign_in(client, "ada@acme.example")
    sign_in(client, "vic@acme.example")
    assert count_sessions(session) == 1


def test_someone_signed_in_is_sent_on(app: Flask, cast: Cast) -> None:
    assert browse(app, cast.ada).get("/login").location == "/"
    assert browse(app, cast.ada).get("/login?next=/pool").location == "/pool"


@pytest.mark.parametrize("wanted", ["/pool", "/pool?q=%E5%96%B6%E6%A5%AD", "/settings/company"])
def test_a_page_of_ones_own_is_opened_after_the_login(client: FlaskClient, cast: Cast, wanted: str) -> None:
    assert sign_in(client, "ada@acme.example", next=wanted).location == wanted


@ON_ONE
@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "pool",
        "/login",
        "/logout",
        "/agency",
        "/pool?q=" + "x" * 5000,
        "/" + "長" * 1000,
    ],
)
def test_nowhere_else(client: FlaskClient, cast: Cast, wanted: str) -> None:
    assert sign_in(client, "ada@acme.example", next=wanted).location == "/"


def test_no_answer_leads_to_an_address_longer_than_a_server_takes(client: FlaskClient) -> None:
    """A place to return to is written with %25 for each % when it is handed on, and grows out of any buffer."""
    long = "/pool?q=" + "%E9%95%B7" * 300
    assert client.get(long).location == "/login"
    assert client.post("/login/code", data={"next": long * 20}).location == "/login"
    assert client.get("/pool?q=" + "%E9%95%B7" * 200).location.startswith("/login?next=/pool")


def test_an_agent_is_not_sent_into_the_company_portal(client: FlaskClient, cast: Cast) -> None:
    assert sign_in(client, "agnes@tsumugi.example", next="/pool").location.startswith("/agency")
    client.post("/logout")
    kept = sign_in(client, "agnes@tsumugi.example", next="/agency/people")
    assert kept.location == "/agency/people"


def test_a_stranger_is_asked_to_sign_in_and_then_sent_back(client: FlaskClient, cast: Cast) -> None:
    asked = client.get("/settings/company")
    assert asked.status_code == 302
    assert asked.location == "/login?next=/settings/company"
    form = client.get(asked.location)
    assert 'value="/settings/company"' in form.text


def test_a_fragment_asked_for_by_a_stranger_leads_to_the_login(client: FlaskClient) -> None:
    answer = client.get("/pool", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login"


def test_too_many_failures_are_held_back_with_a_time(client: FlaskClient, cast: Cast) -> None:
    with clock.at(clock.now()):
        for _ in range(5):
            assert sign_in(client, "ada@acme.example", "wrong").status_code == 422
        held = sign_in(client, "ada@acme.example")
        assert held.status_code == 429
        assert held.headers["Retry-After"] == "1"
        assert "1秒後" in held.text
    with clock.at(clock.now() + timedelta(seconds=2)):
        assert sign_in(client, "ada@acme.example").status_code == 303


def test_signing_out_ends_the_session_here_and_in_the_browser(
    app: Flask, session: Session, client: FlaskClient, cast: Cast
) -> None:
    sign_in(client, "ada@acme.example")
    copied = app.test_client()
    with client.session_transaction() as own, copied.session_transaction() as stolen:
        stolen.update(own)
    answer = client.post("/logout")
    assert answer.status_code == 303
    assert '"cache"' in answer.headers["Clear-Site-Data"]
    assert "ログアウトしました" in client.get("/login").text
    assert client.get("/settings/company").status_code == 302
    assert copied.get("/settings/company").status_code == 302, "a copied cookie is worthless after the logout"
    assert session.scalars(select(Event.tag).order_by(Event.id)).all()[-1] == EventTag.SIGNED_OUT


def test_signing_out_twice_does_no_harm(client: FlaskClient) -> None:
    assert client.post("/logout").location == "/login"
    assert client.get("/logout").status_code == 405


def test_a_disabled_login_is_out_with_the_next_request(app: Flask, session: Session, cast: Cast) -> None:
    client = browse(app, cast.ada)
    assert client.get("/pool").status_code == 200
    users.disable(session, cast.ada)
    session.commit()
    assert client.get("/pool").status_code == 302


def test_an_idle_session_ends(app: Flask, cast: Cast) -> None:
    client = browse(app, cast.ada)
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert client.get("/pool").status_code == 302


def test_a_session_in_use_does_not(app: Flask, cast: Cast) -> None:
    client, begun = browse(app, cast.ada), clock.now()
    for minutes in (20, 40, 60):
        with clock.at(begun + timedelta(minutes=minutes)):
            assert client.get("/pool").status_code == 200


def test_a_page_left_open_that_asks_by_itself_does_not_count_as_use(app: Flask, cast: Cast) -> None:
    client, start = browse(app, cast.ada), clock.now()
    for minutes in (10, 20, 29):
        with clock.at(start + timedelta(minutes=minutes)):
            assert client.get("/results/queue", headers={"HX-Request": "true"}).status_code == 200
    with clock.at(start + timedelta(minutes=31)):
        assert client.get("/results/queue", headers={"HX-Request": "true"}).status_code == 401


def test_a_post_without_its_token_is_refused(app: Flask, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    assert sign_in(client, "ada@acme.example").status_code == 400
    assert client.post("/logout").status_code == 400


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [("https://relay.example", "__Host-relay", True), ("http://127.0.0.1:8000", "relay", False)],
)
def test_the_cookie_is_for_this_host_alone(
    tmp_path: Path, prepared: Callable[[str], Prepared], base_url: str, name: str, secure: bool
) -> None:
    files = prepared("sqlite")
    app = create_app(make_settings(tmp_path, base_url=base_url))
    with files.installed(up_to_date(files), tmp_path), app.app_context():
        cookie = SimpleCookie(app.test_client().get("/login", base_url=base_url).headers["Set-Cookie"])
        db.engine.dispose()
    [(found, morsel)] = cookie.items()
    assert found == name
    assert morsel["httponly"]
    assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")
    assert bool(morsel["secure"]) is secure
    assert not morsel["expires"], "gone with the browser"
