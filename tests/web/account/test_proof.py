"""Proving again who one is before a dangerous act: nothing typed is lost, no secret is shown (E-8)."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from relay import clock
from relay.identity import second_factor
from relay.infra import deferred_forms, vault
from relay.models import MailServer, scopes
from tests.cast import PASSWORD, Cast, browse, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def adam(app: Flask, cast: Cast) -> Iterator[FlaskClient]:
    """Adam's browser, a quarter of an hour after he signed in."""
    client = browse(app, cast.adam)
    with clock.at(clock.now() + timedelta(minutes=16)):
        yield client


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form on the page."""
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", page)]
    return {each["name"]: each.get("value", "") for each in inputs if each.get("type") == "hidden"}


def test_a_page_leads_to_the_proof_and_back(adam: FlaskClient) -> None:
    asked = adam.get("/account/email")
    assert asked.location == "/account/proof?next=/account/email"
    form = hidden(adam.get(asked.location).text)
    proven = adam.post("/account/proof", data=form | {"proof_password": PASSWORD})
    assert (proven.status_code, proven.location) == (303, "/account/email")
    assert adam.get("/account/email").status_code == 200


def test_a_form_waits_and_goes_on_with_all_it_held(adam: FlaskClient, session: Session, cast: Cast) -> None:
    asked = adam.post("/account/email", data={"new_email": "adam.neu@acme.example"})
    assert asked.status_code == 200
    fields = hidden(asked.text)
    assert fields["new_email"] == "adam.neu@acme.example"
    proven = adam.post("/account/proof", data=fields | {"proof_password": PASSWORD})
    assert (proven.status_code, proven.location) == (307, "/account/email"), "the browser sends it once more"
    assert adam.post(proven.location, data=fields | {"proof_password": PASSWORD}).status_code == 303
    session.refresh(cast.adam)
    assert cast.adam.new_email == "adam.neu@acme.example"


def test_a_wrong_password_keeps_the_form_waiting(adam: FlaskClient, session: Session, cast: Cast) -> None:
    fields = hidden(adam.post("/account/email", data={"new_email": "adam.neu@acme.example"}).text)
    wrong = adam.post("/account/proof", data=fields | {"proof_password": "wrong"})
    assert wrong.status_code == 422
    assert "パスワードが違います" in wrong.text
    assert hidden(wrong.text)["new_email"] == "adam.neu@acme.example"
    assert adam.get("/account/email").status_code == 303, "nothing was proven"
    session.refresh(cast.adam)
    assert cast.adam.new_email == ""


def test_the_session_gets_a_new_id_by_the_proof(adam: FlaskClient) -> None:
    with adam.session_transaction() as cookie:
        before = cookie["_user_id"]
    adam.post("/account/proof", data={"proof_password": PASSWORD})
    with adam.session_transaction() as cookie:
        assert cookie["_user_id"] != before


def test_guessing_is_held_back(adam: FlaskClient) -> None:
    answers = [adam.post("/account/proof", data={"proof_password": "wrong"}).status_code for _try in range(7)]
    assert answers == [422] * 5 + [429] * 2


def test_whoever_has_a_second_factor_shows_it_too(app: Flask, session: Session, cast: Cast) -> None:
    second_factor.begin(session, cast.adam)
    code = pyotp.TOTP(vault.unseal(cast.adam.totp_pending)).at(clock.now())
    second_factor.confirm(session, cast.adam, code, hash_key=app.config["RELAY"].hash_key, keep_session=None)
    client = browse(app, cast.adam)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.post("/account/proof", data={"proof_password": PASSWORD}).status_code == 422
        shown = pyotp.TOTP(vault.unseal(cast.adam.totp_secret)).at(clock.now())
        assert client.post("/account/proof", data={"proof_password": "wrong", "proof_code": shown}).status_code == 422
        proven = client.post("/account/proof", data={"proof_password": PASSWORD, "proof_code": shown})
        assert proven.status_code == 303, "a wrong password has not used the code up"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_the_proof_leads_nowhere_else(adam: FlaskClient, wanted: str) -> None:
    for replay in ("", "1"):
        form = {"proof_password": PASSWORD, "proof_next": wanted, "proof_replay": replay}
        assert adam.post("/account/proof", data=form).location == "/"


def test_a_fragment_leads_to_the_proof_of_the_whole_page(adam: FlaskClient, cast: Cast) -> None:
    answer = adam.post(f"/settings/members/{cast.vic.id}/leave", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, "/account/proof?next=/")


SERVER = {"host": "smtp.example", "port": "587", "tls": "starttls", "username": "u", "sender": "saiyo@acme.example"}


def test_a_secret_waits_sealed_and_arrives(adam: FlaskClient, session: Session, cast: Cast) -> None:
    asked = adam.post("/settings/mail/server", data=SERVER | {"password": "the server's own secret"})
    assert "own secret" not in asked.text
    fields = hidden(asked.text)
    assert "password" not in fields
    proven = adam.post("/account/proof", data=fields | {"proof_password": PASSWORD})
    assert proven.status_code == 307
    assert adam.post(proven.location, data=fields | {"proof_password": PASSWORD}).status_code == 303
    with scopes.company(session, cast.acme.id):
        kept = session.scalars(select(MailServer)).one()
    assert vault.unseal(kept.password) == "the server's own secret"


def test_a_sealed_secret_opens_for_its_own_session_and_place_alone(
    app: Flask, adam: FlaskClient, session: Session, cast: Cast
) -> None:
    fields = hidden(adam.post("/settings/mail/server", data=SERVER | {"password": "secret"}).text)
    with clock.at(clock.now() - timedelta(minutes=16)):
        other = browse(app, cast.adam)
        assert other.post("/settings/mail/server", data=fields).status_code == 400
        assert other.post("/settings/mail/server", data=fields | {"sealed": "made up"}).status_code == 400
        assert other.post("/account/email", data=fields).status_code == 400


def _proven(client: FlaskClient) -> dict[str, str]:
    """What waits on the page of the proof, after the proof."""
    fields = hidden(client.post("/settings/mail/server", data=SERVER | {"password": "secret"}).text)
    assert client.post("/account/proof", data=fields | {"proof_password": PASSWORD}).status_code == 307
    return fields


@pytest.mark.parametrize("changed", [{"host": "smtp.evil.example"}, {"username": "v"}, {"more": "1"}])
def test_a_sealed_secret_goes_nowhere_with_other_fields(
    adam: FlaskClient, session: Session, cast: Cast, changed: dict[str, str]
) -> None:
    fields = _proven(adam)
    assert adam.post("/settings/mail/server", data=fields | changed).status_code == 400
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(MailServer)).all() == []


def test_a_sealed_secret_waits_for_an_hour(app: Flask) -> None:
    moment, typed = clock.now(), MultiDict({"password": "secret", "host": "smtp.example"})
    fields = MultiDict(deferred_forms.defer_until_proven(typed, session_id=1, path="/x"))
    with clock.at(moment + timedelta(minutes=59)):
        assert deferred_forms.with_secrets(fields, fields["sealed"], session_id=1, path="/x")["password"] == "secret"
    with clock.at(moment + timedelta(minutes=61)), pytest.raises(deferred_forms.FormLost):
        deferred_forms.with_secrets(fields, fields["sealed"], session_id=1, path="/x")


def test_line_ends_that_a_browser_sends_otherwise_change_nothing(app: Flask) -> None:
    typed = MultiDict({"password": "secret", "note": "一行\n二行"})
    sealed = dict(deferred_forms.defer_until_proven(typed, session_id=1, path="/x"))["sealed"]
    sent = MultiDict({"csrf_token": "t", "note": "一行\r\n二行", "sealed": sealed, "proof_next": "/x"})
    assert deferred_forms.with_secrets(sent, sealed, session_id=1, path="/x")["password"] == "secret"


def test_what_was_sealed_for_anything_else_opens_nothing_here(adam: FlaskClient, cast: Cast) -> None:
    fields = _proven(adam)
    form = MultiDict({"host": "smtp.evil.example", "password": "secret"})
    foreign = [deferred_forms.defer_until_signed_in(form, user_id=cast.adam.id, path="/settings/mail/server")]
    foreign += [
        vault.seal(each) for each in ("JBSWY3DPEHPK3PXP", "123456", "[]", '[1, "/settings/mail/server", []]', "{}")
    ]
    for sealed in foreign:
        answer = adam.post("/settings/mail/server", data=fields | {"sealed": sealed})
        assert answer.status_code == 400
        assert "送信の内容を受け取れませんでした" in answer.text
