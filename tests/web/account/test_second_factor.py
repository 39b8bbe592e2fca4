"""The second factor on its pages: setting it up, signing in with it, and what no code opens (E-5, E-7)."""

import re
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.identity import second_factor, users
from relay.infra import vault
from relay.models import User, UserSession
from tests.cast import PASSWORD, Cast, browse, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def codes(app: Flask, session: Session, cast: Cast) -> list[str]:
    """Ada has a second factor since ten minutes; these are her recovery codes."""
    with clock.at(clock.now() - timedelta(minutes=10)):
        second_factor.begin(session, cast.ada)
        key = app.config["RELAY"].hash_key
        made = second_factor.confirm(session, cast.ada, now_shown(cast.ada), hash_key=key, keep_session=None)
        session.commit()
    return made


def now_shown(user: User) -> str:
    """What the app of this person shows now."""
    return pyotp.TOTP(vault.unseal(user.totp_pending or user.totp_secret)).at(clock.now())


def knock(client: FlaskClient, user: User, password: str = PASSWORD, next: str = "") -> TestResponse:
    return client.post("/login", data={"email": user.email, "password": password, "next": next})


def enter(client: FlaskClient, code: str, next: str = "") -> TestResponse:
    return client.post("/login/code", data={"code": code, "next": next})


def cookie_of(client: FlaskClient) -> str:
    with client.session_transaction() as kept:
        return str(kept.get("_user_id", ""))


def test_after_the_password_the_code_is_asked_for(client: FlaskClient, cast: Cast, codes: list[str]) -> None:
    asked = knock(client, cast.ada, next="/pool")
    assert asked.location == "/login/code?next=/pool"
    assert client.get("/pool").status_code == 302, "half a proof opens nothing"
    assert 'autocomplete="one-time-code"' in client.get(asked.location).text
    entered = enter(client, now_shown(cast.ada), next="/pool")
    assert entered.location == "/pool"
    assert client.get("/pool").status_code == 200


def test_the_session_gets_a_new_id_with_the_code(
    client: FlaskClient, session: Session, cast: Cast, codes: list[str]
) -> None:
    knock(client, cast.ada)
    with client.session_transaction() as kept:
        waiting = kept["awaits"]
    enter(client, now_shown(cast.ada))
    with client.session_transaction() as kept:
        assert "awaits" not in kept
        assert kept["_user_id"] != waiting
    assert len(session.scalars(select(UserSession)).all()) == 1


def test_a_wrong_code_and_a_used_one_are_answered_alike(client: FlaskClient, cast: Cast, codes: list[str]) -> None:
    code = now_shown(cast.ada)
    knock(client, cast.ada)
    enter(client, code)
    client.post("/logout")
    knock(client, cast.ada)
    used, wrong, odd = enter(client, code), enter(client, "000000"), enter(client, "abc")
    assert {answer.status_code for answer in (used, wrong, odd)} == {422}
    assert all("コードが違うか、期限が過ぎています" in answer.text for answer in (used, wrong, odd))
    assert cookie_of(client) == ""


def test_a_recovery_code_signs_in_once(client: FlaskClient, cast: Cast, codes: list[str]) -> None:
    knock(client, cast.ada)
    assert enter(client, codes[0]).location == "/"
    client.post("/logout")
    knock(client, cast.ada)
    assert enter(client, codes[0]).status_code == 422


def test_guessing_is_held_back_with_a_time(client: FlaskClient, cast: Cast, codes: list[str]) -> None:
    knock(client, cast.ada)
    answers = [enter(client, f"{number:06}").status_code for number in range(7)]
    assert answers == [422] * 5 + [429] * 2
    assert enter(client, now_shown(cast.ada)).status_code == 429, "the right code waits too"


def test_nobody_reaches_the_code_page_without_the_password(client: FlaskClient, cast: Cast, codes: list[str]) -> None:
    assert client.get("/login/code").location == "/login"
    assert enter(client, now_shown(cast.ada)).location == "/login"
    assert client.get("/pool").status_code == 302


def test_the_wait_for_the_code_ends_after_ten_minutes(client: FlaskClient, cast: Cast, codes: list[str]) -> None:
    knock(client, cast.ada)
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert enter(client, now_shown(cast.ada)).location == "/login"


def test_somebody_shut_out_between_password_and_code_stays_out(
    client: FlaskClient, session: Session, cast: Cast, codes: list[str]
) -> None:
    knock(client, cast.ada)
    users.disable(session, cast.ada)
    assert enter(client, now_shown(cast.ada)).location == "/login"


def test_setting_it_up_from_the_first_page_to_the_recovery_codes(app: Flask, session: Session, cast: Cast) -> None:
    client = browse(app, cast.ada)
    before = cookie_of(client)
    assert "設定をはじめる" in client.get("/account/second-factor").text
    assert "data:image/svg+xml" not in client.get("/account/second-factor").text, "looking makes nothing"
    begun = client.post("/account/second-factor/start", data={"next": "/pool"}, follow_redirects=True)
    assert 'src="data:image/svg+xml' in begun.text
    [secret] = re.findall(r"<p class=\"code\"[^>]*>([A-Z2-7 ]+)</p>", begun.text)
    wrong = client.post("/account/second-factor/confirm", data={"code": "000000", "next": "/pool"})
    assert wrong.status_code == 422
    assert "コードが違うか" in wrong.text
    code = pyotp.TOTP(secret.replace(" ", "")).at(clock.now())
    done = client.post("/account/second-factor/confirm", data={"code": code, "next": "/pool"})
    shown = re.findall(r"<span class=\"code\">([A-Z2-9]{5}-[A-Z2-9]{5})</span>", done.text)
    assert len(shown) == 10
    assert all(code in unescape(done.text).split("data:text/plain")[1] for code in shown), "and as a file"
    assert 'href="/pool"' in done.text
    assert cookie_of(client) not in {"", before}, "a new id with more rights (E-7)"
    again = client.get("/account/second-factor").text
    assert "設定済み" in again
    assert not any(code in again for code in shown), "shown once"


def test_the_waiting_secret_is_shown_only_shortly_after_a_proof(app: Flask, session: Session, cast: Cast) -> None:
    client = browse(app, cast.ada)
    client.post("/account/second-factor/start")
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert "data:image" not in client.get("/account/second-factor").text
        asked = client.post("/account/second-factor/confirm", data={"code": "123456"})
        assert "ご本人の確認" in asked.text


@pytest.mark.parametrize("recorder", ["start", "codes", "remove"])
def test_changing_it_wants_a_fresh_proof(
    app: Flask, session: Session, cast: Cast, codes: list[str], recorder: str
) -> None:
    client = browse(app, cast.ada)
    before = cast.ada.totp_secret
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert "ご本人の確認" in client.post(f"/account/second-factor/{recorder}").text
    session.expire_all()
    assert users.by_id(session, cast.ada.id).totp_secret == before


def test_where_it_is_required_it_is_asked_for_before_anything_else_and_cannot_be_removed(
    app: Flask, session: Session, cast: Cast
) -> None:
    cast.acme.second_factor_required = True
    session.commit()
    client = browse(app, cast.ada)
    assert client.get("/pool").location == "/account/second-factor?next=/pool"
    assert client.get("/account").location == "/account/second-factor?next=/account"
    fragment = client.get("/pool", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (403, "/account/second-factor?next=/")
    client.post("/account/second-factor/start")
    session.expire_all()
    client.post("/account/second-factor/confirm", data={"code": now_shown(users.by_id(session, cast.ada.id))})
    assert client.get("/pool").status_code == 200
    assert "二段階認証を外す" not in client.get("/account/second-factor").text
    assert client.post("/account/second-factor/remove").status_code == 409


def test_a_partner_whose_organisation_requires_it_changes_nothing_before(
    app: Flask, session: Session, cast: Cast
) -> None:
    cast.tsumugi.second_factor_required = True
    session.commit()
    client = browse(app, cast.agnes)
    for path in ("/agency/people", "/account/partner", "/account/colleagues"):
        assert client.get(path).location == f"/account/second-factor?next={path}", path


def test_a_company_that_only_practises_and_holds_nobody_is_not_asked(app: Flask, session: Session, cast: Cast) -> None:
    cast.acme.second_factor_required, cast.acme.live_since = True, None
    session.commit()
    assert browse(app, cast.ada).get("/pool").status_code == 200
    assert "いまは求めていません" in browse(app, cast.adam).get("/settings/security").text


@pytest.mark.parametrize(("who", "path"), [("adam", "/settings/security"), ("agnes", "/account/security")])
def test_nobody_in_a_organisation_can_leave_it_to_each(
    app: Flask, session: Session, cast: Cast, who: str, path: str
) -> None:
    organisation, person = {"adam": cast.acme, "agnes": cast.tsumugi}[who], getattr(cast, who)
    assert "任意" in browse(app, person).get(path).text, "the test's house is excused"
    organisation.second_factor_required, person.totp_secret = True, "sealed"
    session.commit()
    client = browse(app, person)
    assert "必須" in client.get(path).text
    assert client.post(path, data={"required": "0"}).status_code == 405
    session.refresh(organisation)
    assert organisation.second_factor_required
