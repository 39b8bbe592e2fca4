"""Settings of sending: the server, the password nobody reads again, and the code that shows that mails arrive."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import direct, outbox
from relay.mail.mailbox import Mailbox
from relay.models import Company, Event, EventTag, MailServer, MailTls, Message, UserSession, scopes
from relay.portal.settings.mail_recipes import RECIPES
from tests.cast import Cast, browse, give_factors, make_cast
from tests.conftest import ON_ONE
from tests.installation import wait_until
from tests.smtp import SmtpServer, free_port, smtp_server

TYPED = {
    "host": "smtp.acme.example",
    "port": "587",
    "tls": "starttls",
    "username": "saiyo@acme.example",
    "password": "himitsu no kotoba",
    "sender": "saiyo@acme.example",
}


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    made.acme.runs_installation = True
    session.commit()
    return made


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


def acme(session: Session) -> Company:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Company).where(Company.slug == "acme")).one()


def kept(session: Session) -> MailServer | None:
    with scopes.company(session, acme(session).id):
        return session.scalars(select(MailServer)).one_or_none()


def by(server: SmtpServer) -> dict[str, str]:
    return TYPED | {"host": server.host, "port": str(server.port), "tls": "none", "username": "", "password": ""}


def code_in(server: SmtpServer) -> str:
    wait_until(lambda: server.received, "the test mail arrives")
    part = server.received[-1].get_body(("plain",))
    assert part is not None
    [code] = re.findall(r"^(\d{6})\r?$", part.get_content(), re.MULTILINE)
    return str(code)


# the server


def test_a_server_is_kept_and_its_password_shown_to_nobody(adam: FlaskClient, session: Session) -> None:
    answer = adam.post("/settings/mail/server", data=TYPED)
    assert (answer.status_code, answer.location) == (303, "/settings/mail")
    row = kept(session)
    assert row is not None
    assert (row.host, row.port, row.tls, row.sender) == (
        "smtp.acme.example",
        587,
        MailTls.STARTTLS,
        "saiyo@acme.example",
    )
    for path in ("/settings/mail", "/settings/mail/server", "/settings/mail/server?recipe=google"):
        page = adam.get(path).text
        assert "himitsu" not in page
        assert row.password not in page
    assert "saiyo@acme.example" in adam.get("/settings/mail").text


def test_saving_again_without_the_password_keeps_it(adam: FlaskClient, session: Session) -> None:
    adam.post("/settings/mail/server", data=TYPED)
    first = kept(session)
    adam.post("/settings/mail/server", data=TYPED | {"password": "", "sender": "jinji@acme.example"})
    second = kept(session)
    assert first is not None
    assert second is not None
    assert (second.password, second.sender) == (first.password, "jinji@acme.example")


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"host": ""}, "送信サーバーの名前を入力"),
        ({"host": "saiyo@acme"}, "名前を確認して"),
        ({"port": "smtp"}, "ポート番号"),
        ({"port": "70000"}, "65535"),
        ({"tls": "yes"}, "暗号化"),
        ({"sender": "saiyo"}, "@"),
        ({"password": ""}, "パスワードを入力"),
        ({"tls": "none"}, "暗号化しない接続ではパスワードを送りません"),
    ],
)
def test_bad_input_is_said_and_nothing_is_kept(
    adam: FlaskClient, session: Session, typed: dict[str, str], sentence: str
) -> None:
    answer = adam.post("/settings/mail/server", data=TYPED | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "himitsu" not in answer.text
    assert kept(session) is None


def test_full_width_digits_are_taken(adam: FlaskClient, session: Session) -> None:
    adam.post("/settings/mail/server", data=TYPED | {"port": "４６５", "tls": "tls"})
    row = kept(session)
    assert row is not None
    assert row.port == 465


def test_who_has_not_proven_themselves_lately_is_asked_first(adam: FlaskClient, session: Session, cast: Cast) -> None:
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    assert "/account/proof" in adam.get("/settings/mail/server").location
    adam.post("/settings/mail/server", data=TYPED)
    assert kept(session) is None
    assert adam.get("/settings/mail").status_code == 200


def test_removing_forgets_the_password_and_the_test(adam: FlaskClient, session: Session) -> None:
    adam.post("/settings/mail/server", data=TYPED)
    company = acme(session)
    company.mail_tested_at = clock.now()
    session.commit()
    assert adam.post("/settings/mail/server/remove").status_code == 303
    assert kept(session) is None
    assert acme(session).mail_tested_at is None


@ON_ONE
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.key)
def test_a_recipe_fills_the_form(adam: FlaskClient, recipe: object) -> None:
    key, host, port = recipe.key, recipe.host, recipe.port  # type: ignore[attr-defined]
    page = adam.get(f"/settings/mail/server?recipe={key}").text
    assert all(str(step) in page for step in recipe.steps)  # type: ignore[attr-defined]
    assert f'name="host" required spellcheck="false" type="text" value="{host}"' in page
    assert f'value="{port}"' in page


def test_only_administrators_come_here(app: Flask, cast: Cast) -> None:
    for who, status in ((cast.ada, 403), (cast.vic, 403), (cast.agnes, 404)):
        browser = browse(app, who)
        assert browser.get("/settings/mail").status_code == status
        assert browser.post("/settings/mail/test").status_code == status


# the test


def test_the_code_that_arrived_shows_that_sending_works(
    adam: FlaskClient, session: Session, server: SmtpServer
) -> None:
    adam.post("/settings/mail/server", data=by(server))
    answer = adam.post("/settings/mail/test")
    assert (answer.status_code, answer.location) == (303, "/settings/mail")
    [mail] = server.received
    assert str(mail["To"]) == "adam@acme.example"
    assert str(mail["From"]) == "株式会社acme <saiyo@acme.example>"
    assert 'name="code"' in adam.get("/settings/mail").text
    assert acme(session).mail_tested_at is None, "sent is not arrived"
    assert adam.post("/settings/mail/code", data={"code": code_in(server)}).status_code == 303
    assert acme(session).mail_tested_at is not None
    assert "届くことを確認済み" in adam.get("/settings/mail").text
    assert session.scalars(select(Event).where(Event.tag == EventTag.MAIL_TESTED.value)).one().data == {}
    with scopes.everyone(session, "test"):
        assert set(session.scalars(select(Message.letter))) == {"mail-server-changed"}, "a test is no mail of its own"


def test_a_wrong_code_proves_nothing_and_after_the_fifth_there_is_none(
    adam: FlaskClient, session: Session, server: SmtpServer
) -> None:
    adam.post("/settings/mail/server", data=by(server))
    adam.post("/settings/mail/test")
    code = code_in(server)
    assert "6桁の数字を入力" in adam.post("/settings/mail/code", data={"code": ""}).text
    wrong = f"{(int(code) + 1) % 1000000:06d}"
    for said in (*["コードが違います"] * 4, "もう使えません"):
        answer = adam.post("/settings/mail/code", data={"code": wrong})
        assert (answer.status_code, said in answer.text) == (422, True)
    answer = adam.post("/settings/mail/code", data={"code": code})
    assert (answer.status_code, "もう使えません" in answer.text) == (422, True)
    assert acme(session).mail_tested_at is None


def test_a_code_that_travelled_by_another_server_proves_nothing(
    adam: FlaskClient, session: Session, server: SmtpServer
) -> None:
    adam.post("/settings/mail/server", data=by(server))
    adam.post("/settings/mail/test")
    adam.post("/settings/mail/server", data=TYPED)
    assert 'name="code"' not in adam.get("/settings/mail").text
    assert "もう使えません" in adam.post("/settings/mail/code", data={"code": code_in(server)}).text
    assert acme(session).mail_tested_at is None


def test_what_is_amiss_is_said_with_what_to_do(adam: FlaskClient, session: Session, server: SmtpServer) -> None:
    adam.post("/settings/mail/server", data=by(server) | {"port": str(free_port())})
    answer = adam.post("/settings/mail/test")
    assert answer.status_code == 422
    assert "送信サーバーにつながりません" in answer.text
    adam.post("/settings/mail/server", data=by(server))
    server.refuse["adam@acme.example"] = "554 5.7.1 relaying denied"
    answer = adam.post("/settings/mail/test")
    assert "差出人のアドレスが断られました" in answer.text
    assert "554 5.7.1 relaying denied" in answer.text
    assert 'name="code"' not in answer.text
    assert acme(session).mail_tested_at is None


def test_a_mail_that_may_have_arrived_can_be_proven(adam: FlaskClient, session: Session, server: SmtpServer) -> None:
    adam.post("/settings/mail/server", data=by(server))
    server.cut_before_answer = 1
    assert adam.post("/settings/mail/test").status_code == 303
    assert adam.post("/settings/mail/code", data={"code": code_in(server)}).status_code == 303
    assert acme(session).mail_tested_at is not None


def test_nobody_waits_for_the_database_while_a_server_is_asked(
    app: Flask, adam: FlaskClient, session: Session, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer: a slow mail server must not be in its way."""
    adam.post("/settings/mail/server", data=by(server))
    seen = []

    def meanwhile(_envelope: object) -> direct.SendResult:
        from relay.extensions import db

        seen.append(db.session().in_transaction())
        return direct.SendResult()

    monkeypatch.setattr(direct, "send_now", meanwhile)
    assert adam.post("/settings/mail/test").status_code == 303
    assert seen == [False]


def test_so_many_tests_are_enough(adam: FlaskClient, session: Session, server: SmtpServer) -> None:
    adam.post("/settings/mail/server", data=by(server))
    answers = [adam.post("/settings/mail/test").status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]
    assert len(server.received) == 10


def test_in_development_without_a_server_the_test_lands_in_the_mailbox(
    app: Flask, adam: FlaskClient, session: Session
) -> None:
    assert "開発用" in adam.get("/settings/mail").text
    assert adam.post("/settings/mail/test").status_code == 303
    newest = next(Mailbox.of(app.config["RELAY"]).newest_first())
    assert str(newest.mail["To"]) == "adam@acme.example"


def test_without_any_way_the_page_says_so(
    app: Flask, adam: FlaskClient, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_factors(session)
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))
    page = adam.get("/settings/mail").text
    assert "送信の設定がまだありません" in page
    assert "/settings/mail/test" not in page
    assert "送信の設定がまだありません" in adam.post("/settings/mail/test").text


def test_mails_that_wait_for_a_server_are_told_of_on_every_page(
    app: Flask, adam: FlaskClient, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_factors(session)
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))
    assert "送信の設定がまだありません" not in adam.get("/pool").text, "nothing waits"
    with scopes.company(session, cast.acme.id):
        outbox.queue(session, "mail-test", company_id=cast.acme.id, to="adam@acme.example")
        session.commit()
    assert "メールの送信を設定する" in adam.get("/pool").text
    assert "管理者にお知らせください" in browse(app, cast.ada).get("/pool").text
    assert "送信の設定がまだありません" not in browse(app, cast.mona).get("/pool").text


def test_from_the_first_steps_one_is_led_back_there_and_nowhere_else(adam: FlaskClient, server: SmtpServer) -> None:
    back = "/setup/sending"
    assert f'value="{back}"' in adam.get(f"/settings/mail/server?next={back}").text
    assert adam.post("/settings/mail/server", data=by(server) | {"next": back}).location == back
    assert adam.post("/settings/mail/test", data={"next": back}).location == back
    assert adam.post("/settings/mail/test", data={"next": "https://evil.example"}).location == "/settings/mail"
    assert "evil" not in adam.get("/settings/mail?next=https://evil.example").text


# how fast


@pytest.mark.parametrize(("rate", "said"), [(30, "1,000通なら、およそ34分"), (200, "およそ5分"), (0, "抑えていません")])
def test_the_page_says_how_long_a_thousand_results_take(
    app: Flask, adam: FlaskClient, monkeypatch: pytest.MonkeyPatch, rate: int, said: str
) -> None:
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], mail_rate=rate))
    assert said in adam.get("/settings/mail").get_data(as_text=True)
