"""One's own login: name, password, address, and where one is signed in (E-7, E-8, F-9)."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.access.csrf import link_csrf
from relay.account.sessions_page import browser_words
from relay.identity import second_factor, users
from relay.infra import vault
from relay.models import UserSession
from tests.cast import PASSWORD, Cast, browse, make_cast, make_user
from tests.web.account.conftest import Post, link_in, text_of

_TOKEN = re.compile(r'name="csrf_token"[^>]*|"X-CSRFToken": "[^"]*"')
NEW = "atarashii kotoba wo narabeta"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def ada(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.ada)


def prove(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, data={"link_csrf": link_csrf(path.rpartition("/")[2])})


@pytest.mark.parametrize("who", ["ada", "adam", "vic", "agnes", "sho"])
def test_everybody_has_the_page_and_finds_it_in_the_menu(app: Flask, cast: Cast, who: str) -> None:
    client = browse(app, getattr(cast, who))
    assert client.get("/account").status_code == 200
    home = client.get("/", follow_redirects=True) if who not in {"agnes", "sho"} else client.get("/agency/people")
    assert 'href="/account"' in home.text


def test_the_name_can_be_changed(ada: FlaskClient, session: Session, cast: Cast) -> None:
    assert ada.post("/account/name", data={"name": " 高橋 あだ　"}).status_code == 303
    session.refresh(cast.ada)
    assert cast.ada.name == "高橋 あだ"
    for wrong in ("", " ", "長" * 101):
        assert ada.post("/account/name", data={"name": wrong}).status_code == 422


def test_a_new_password_wants_the_old_one_and_signs_out_everywhere_else(
    app: Flask, ada: FlaskClient, cast: Cast, post: Post
) -> None:
    elsewhere = browse(app, cast.ada)
    wrong = ada.post("/account/password", data={"old_password": "not it", "new_password": NEW})
    assert wrong.status_code == 422
    assert "いまのパスワードが違います" in wrong.text
    weak = ada.post("/account/password", data={"old_password": PASSWORD, "new_password": "short"})
    assert weak.status_code == 422
    assert elsewhere.get("/pool").status_code == 200
    with ada.session_transaction() as cookie:
        before = cookie["_user_id"]
    assert ada.post("/account/password", data={"old_password": PASSWORD, "new_password": NEW}).status_code == 303
    with ada.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert ada.get("/pool").status_code == 200
    assert elsewhere.get("/pool").status_code == 302
    assert "パスワードが変わりました" in text_of(post(cast.ada.email)[-1])


def test_the_old_password_cannot_be_guessed_on_an_open_screen(ada: FlaskClient) -> None:
    guess = {"old_password": "wrong", "new_password": NEW}
    assert [ada.post("/account/password", data=guess).status_code for _try in range(7)] == [422] * 5 + [429] * 2


def test_another_address_is_taken_once_its_mailbox_has_answered(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    elsewhere = browse(app, cast.ada)
    assert ada.post("/account/email", data={"new_email": "ada.neu@acme.example"}).status_code == 303
    assert "ada.neu@acme.example" in ada.get("/account").text
    [mail] = post("ada.neu@acme.example")
    path = link_in(mail, "/new-email/")
    for _scanner in range(3):
        assert "ada.neu@acme.example" in app.test_client().get(path).text
    session.refresh(cast.ada)
    assert cast.ada.email == "ada@acme.example", "nothing changes by looking (C-16)"
    assert prove(ada, path).status_code == 200
    session.refresh(cast.ada)
    assert (cast.ada.email, cast.ada.new_email) == ("ada.neu@acme.example", "")
    assert ada.get("/pool").status_code == 200, "the browser that asked stays signed in"
    assert elsewhere.get("/pool").status_code == 302
    assert "別のアドレスに変わりました" in text_of(post("ada@acme.example")[-1]), "the old address is told"
    assert prove(ada, path).status_code == 404, "once"
    client = app.test_client()
    assert client.post("/login", data={"email": "ada.neu@acme.example", "password": PASSWORD}).status_code == 303


def test_changing_the_address_wants_a_fresh_proof(ada: FlaskClient, session: Session, cast: Cast) -> None:
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert ada.get("/account/email").location.startswith("/account/proof")
        assert "ご本人の確認" in ada.post("/account/email", data={"new_email": "x@acme.example"}).text
    session.refresh(cast.ada)
    assert cast.ada.new_email == ""


@pytest.mark.parametrize("typed", ["ada@acme.example", "ADA@acme.example", "nowhere", ""])
def test_an_address_that_cannot_be_taken(ada: FlaskClient, session: Session, cast: Cast, typed: str) -> None:
    assert ada.post("/account/email", data={"new_email": typed}).status_code == 422
    session.refresh(cast.ada)
    assert cast.ada.new_email == ""


def test_nobody_learns_whether_an_address_signs_in_elsewhere(
    ada: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    answers, moment = {}, clock.now()
    for typed in ("mona@other.example", "nobody@other.example"):
        with clock.at(moment):
            answer = ada.post("/account/email", data={"new_email": typed})
            shown = _TOKEN.sub("", ada.get("/account").text.replace(typed, "…"))
        answers[typed] = (answer.status_code, answer.location, shown)
    assert answers["mona@other.example"] == answers["nobody@other.example"]
    assert answers["mona@other.example"][0] == 303
    assert post("mona@other.example") == [], "whoever signs in so is not bothered"
    assert len(post("nobody@other.example")) == 1
    assert [text_of(mail).count("手続きが始まりました") for mail in post("ada@acme.example")] == [1, 1]


def test_another_address_is_asked_for_five_times_an_hour(ada: FlaskClient) -> None:
    asks = [ada.post("/account/email", data={"new_email": f"ada{n}@acme.example"}) for n in range(6)]
    assert [answer.status_code for answer in asks] == [303] * 5 + [429]
    assert "1時間に5回まで" in asks[-1].text


def test_a_new_password_closes_the_link_to_another_address(
    ada: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    ada.post("/account/email", data={"new_email": "intruder@elsewhere.example"})
    path = link_in(post("intruder@elsewhere.example")[0], "/new-email/")
    ada.post("/account/password", data={"old_password": PASSWORD, "new_password": NEW})
    assert prove(ada, path).status_code == 404
    session.refresh(cast.ada)
    assert (cast.ada.email, cast.ada.new_email) == ("ada@acme.example", "")


def test_a_login_shut_and_opened_again_has_no_link_left(
    ada: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    ada.post("/account/email", data={"new_email": "ada.neu@acme.example"})
    path = link_in(post("ada.neu@acme.example")[0], "/new-email/")
    users.disable(session, cast.ada)
    users.enable(session, cast.ada)
    assert prove(ada, path).status_code == 404


def test_the_password_alone_is_no_new_proof_of_somebody_with_a_second_factor(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast
) -> None:
    second_factor.begin(session, cast.ada)
    code = pyotp.TOTP(vault.unseal(cast.ada.totp_pending)).at(clock.now())
    hash_key = app.config["RELAY"].hash_key
    second_factor.confirm(session, cast.ada, code, hash_key=hash_key, keep_session=None)
    ada = browse(app, cast.ada)
    with clock.at(clock.now() + timedelta(minutes=16)):
        ada.post("/account/password", data={"old_password": PASSWORD, "new_password": NEW})
        assert ada.get("/account").status_code == 200
        assert ada.get("/account/email").location.startswith("/account/proof"), "the code is still to be shown"


def test_a_link_to_an_address_no_longer_wanted_proves_nothing(
    ada: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    ada.post("/account/email", data={"new_email": "first@acme.example"})
    first = link_in(post("first@acme.example")[0], "/new-email/")
    ada.post("/account/email", data={"new_email": "second@acme.example"})
    assert prove(ada, first).status_code == 404
    second = link_in(post("second@acme.example")[0], "/new-email/")
    ada.post("/account/email/forget")
    assert prove(ada, second).status_code == 404
    session.refresh(cast.ada)
    assert (cast.ada.email, cast.ada.new_email) == ("ada@acme.example", "")


def test_an_address_somebody_took_meanwhile_stays_theirs(
    ada: FlaskClient, session: Session, cast: Cast, post: Post
) -> None:
    ada.post("/account/email", data={"new_email": "shared@acme.example"})
    path = link_in(post("shared@acme.example")[0], "/new-email/")
    taken = make_user(session, "shared", cast.acme, cast.vic.role)
    session.commit()
    assert taken.email == "shared@acme.example"
    assert prove(ada, path).status_code == 404
    session.refresh(cast.ada)
    assert cast.ada.email == "ada@acme.example"


def test_the_browsers_are_listed_and_each_can_be_signed_out(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast
) -> None:
    elsewhere, third = browse(app, cast.ada), browse(app, cast.ada)
    listed = ada.get("/account").text
    assert listed.count("ログアウトする</button>") == 2
    assert listed.count("この端末") == 1
    ids = session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    assert ada.post(f"/account/sessions/{ids[1]}/end").status_code == 303
    assert elsewhere.get("/pool").status_code == 302
    assert third.get("/pool").status_code == 200
    assert ada.post("/account/sessions/end-others").status_code == 303
    assert third.get("/pool").status_code == 302
    assert ada.get("/pool").status_code == 200


def test_nobody_ends_anothers_session(app: Flask, ada: FlaskClient, session: Session, cast: Cast) -> None:
    adam = browse(app, cast.adam)
    theirs = session.scalars(select(UserSession.id).where(UserSession.user_id == cast.adam.id)).one()
    assert ada.post(f"/account/sessions/{theirs}/end").status_code == 404
    assert adam.get("/pool").status_code == 200


def test_the_page_knows_how_long_the_session_lasts_and_one_post_keeps_it(ada: FlaskClient) -> None:
    start = clock.now()
    assert 'id="idle"' in ada.get("/pool").text
    with clock.at(start + timedelta(minutes=28)):
        left = ada.get("/account/session.json").get_json()
        assert 0 < left["seconds"] <= 120
        assert left["may_stay"] is True
        assert ada.get("/account/session.json").get_json()["seconds"] <= 120, "asking keeps nothing alive"
        assert ada.post("/account/session/keep").status_code == 204
        assert ada.get("/account/session.json").get_json()["seconds"] > 1700
    with clock.at(start + timedelta(minutes=50)):
        assert ada.get("/pool").status_code == 200


def test_after_twelve_hours_nothing_keeps_a_session(ada: FlaskClient) -> None:
    start = clock.now()
    for quarter in range(1, 48):
        with clock.at(start + timedelta(minutes=15 * quarter)):
            assert ada.post("/account/session/keep").status_code == 204
    with clock.at(start + timedelta(hours=11, minutes=58)):
        assert ada.get("/account/session.json").get_json()["may_stay"] is False
    with clock.at(start + timedelta(hours=12, seconds=1)):
        assert ada.get("/account/session.json", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "WindowsのEdge"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36", "WindowsのChrome"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "iPhoneのSafari"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "MacのFirefox"),
        ("", "名前の分からないブラウザー"),
        ("<script>alert(1)</script>", "名前の分からないブラウザー"),
    ],
)
def test_browsers_are_named_in_words(app: Flask, agent: str, words: str) -> None:
    with app.test_request_context():
        assert browser_words(agent) == words
