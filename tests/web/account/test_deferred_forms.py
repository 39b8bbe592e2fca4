"""A form sent after its session has ended waits for its sender, and for nobody else; nothing is sent unasked."""

from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from relay import clock
from relay.identity import second_factor, sessions
from relay.infra import deferred_forms, vault
from relay.models import UserSession
from tests.cast import PASSWORD, Cast, browse, make_cast
from tests.web.account.test_proof import hidden

TYPED = {"name": "新しい 名前"}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def adam(app: Flask, cast: Cast) -> Iterator[FlaskClient]:
    """Adam's browser, idle for longer than a session lasts."""
    client = browse(app, cast.adam)
    with clock.at(clock.now() + sessions.IDLE + timedelta(minutes=1)):
        yield client


def sign_in(client: FlaskClient, fields: dict[str, str], email: str) -> str:
    """Through the login page that answered instead of the form's own."""
    return client.post("/login", data=fields | {"email": email, "password": PASSWORD}).text


def test_a_form_waits_and_is_sent_by_its_sender_alone(adam: FlaskClient, session: Session, cast: Cast) -> None:
    asked = adam.post("/account/name", data=TYPED)
    assert asked.status_code == 200
    assert "ログインの期限が切れました" in asked.text
    assert TYPED["name"] not in asked.text, "what was typed lies there sealed"
    offered = sign_in(adam, hidden(asked.text), cast.adam.email)
    assert 'action="/account/name"' in offered
    session.refresh(cast.adam)
    assert cast.adam.name != TYPED["name"], "nothing is sent unasked"
    assert adam.post("/account/name", data=hidden(offered)).status_code == 303
    session.refresh(cast.adam)
    assert cast.adam.name == TYPED["name"]


def test_a_wrong_password_keeps_it_waiting(adam: FlaskClient, cast: Cast) -> None:
    fields = hidden(adam.post("/account/name", data=TYPED).text)
    wrong = adam.post("/login", data=fields | {"email": cast.adam.email, "password": "wrong"})
    assert wrong.status_code == 422
    assert 'action="/account/name"' in sign_in(adam, hidden(wrong.text), cast.adam.email)


def test_it_waits_behind_the_second_factor_too(adam: FlaskClient, app: Flask, session: Session, cast: Cast) -> None:
    second_factor.begin(session, cast.adam)
    code = pyotp.TOTP(vault.unseal(cast.adam.totp_pending)).at(clock.now())
    kept = session.query(UserSession.id).filter_by(user_id=cast.adam.id).scalar()
    second_factor.confirm(session, cast.adam, code, hash_key=app.config["RELAY"].hash_key, keep_session=kept)
    asked = sign_in(adam, hidden(adam.post("/account/name", data=TYPED).text), cast.adam.email)
    assert "確認コードの入力" in asked
    with clock.at(clock.now() + timedelta(seconds=60)):
        shown = pyotp.TOTP(vault.unseal(cast.adam.totp_secret)).at(clock.now())
        offered = adam.post("/login/code", data=hidden(asked) | {"code": shown}).text
    assert hidden(offered)["name"] == TYPED["name"]


def test_another_person_gets_nothing_of_it(adam: FlaskClient, cast: Cast) -> None:
    fields = hidden(adam.post("/account/name", data=TYPED).text)
    answer = adam.post("/login", data=fields | {"email": cast.ada.email, "password": PASSWORD})
    assert answer.status_code == 303
    assert TYPED["name"] not in answer.text
    assert "別の方のものか古いもの" in adam.get(answer.location, follow_redirects=True).text


def test_it_does_not_wait_for_ever(adam: FlaskClient, cast: Cast) -> None:
    fields = hidden(adam.post("/account/name", data=TYPED).text)
    with clock.at(clock.now() + timedelta(hours=13)):
        assert adam.post("/login", data=fields | {"email": cast.adam.email, "password": PASSWORD}).status_code == 303


def test_what_was_made_up_or_sent_by_nobody_known_does_not_wait(app: Flask, adam: FlaskClient, cast: Cast) -> None:
    made_up = {"deferred": "made up", "email": cast.adam.email, "password": PASSWORD}
    assert adam.post("/login", data=made_up).status_code == 303
    answer = app.test_client().post("/account/name", data=TYPED)
    assert (answer.status_code, answer.location) == (302, "/login")


def test_without_a_form_the_login_leads_back_to_its_page(app: Flask, cast: Cast) -> None:
    browse(app, cast.adam)
    assert app.test_client().post("/settings/company").location == "/login?next=/settings/company"


def _foreign(cast: Cast) -> list[str]:
    """Sealed by Relay itself, but for something else: a proof, a second factor, a form of an earlier version."""
    typed = MultiDict(TYPED | {"password": "secret"})
    proof = dict(deferred_forms.defer_until_proven(typed, session_id=cast.adam.id, path="/account/name"))["sealed"]
    return [
        proof,
        *map(vault.seal, ("JBSWY3DPEHPK3PXP", "123456", "[]", f'[{cast.adam.id}, "/account/name", []]', "{}")),
    ]


def test_what_was_sealed_for_anything_else_does_not_wait_for_the_login(adam: FlaskClient, cast: Cast) -> None:
    for sealed in _foreign(cast):
        told = {"deferred": sealed, "email": cast.adam.email, "password": PASSWORD}
        answer = adam.post("/login", data=told)
        assert answer.status_code == 303
        assert "別の方のものか古いもの" in adam.get(answer.location, follow_redirects=True).text


def test_nor_for_the_code(adam: FlaskClient, app: Flask, session: Session, cast: Cast) -> None:
    second_factor.begin(session, cast.adam)
    secret = vault.unseal(cast.adam.totp_pending)
    key = app.config["RELAY"].hash_key
    second_factor.confirm(session, cast.adam, pyotp.TOTP(secret).at(clock.now()), hash_key=key, keep_session=None)
    session.commit()
    moment = clock.now()
    for step, sealed in enumerate(_foreign(cast), start=2):
        with clock.at(moment + timedelta(seconds=30 * step)):
            sign_in(adam, {"deferred": sealed}, cast.adam.email)
            answer = adam.post("/login/code", data={"deferred": sealed, "code": pyotp.TOTP(secret).at(clock.now())})
            assert answer.status_code == 303
            assert "別の方のものか古いもの" in adam.get(answer.location, follow_redirects=True).text
