"""The installation's mail server on the pages: asked for at the beginning, one tick for a firm with a single server."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.mail import servers
from relay.models import Company, InstallationMailServer, Invitation, Message, scopes
from tests.cast import Cast, browse, give_factors, make_cast
from tests.smtp import SmtpServer, smtp_server
from tests.web.portal.settings.test_mail import code_in

PAGE = "/settings/operator/mail"
READS_LOGINS = "このメールボックスを開ける人は、結果連絡のほかに、パスワードの再設定、招待"
NOT_HR = "採用担当の方が開かないもの（例：relay@自社のドメイン）"


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    made.acme.runs_installation = True
    give_factors(session)
    session.commit()
    return made


@pytest.fixture(autouse=True)
def _without_a_mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """In production nothing carries a mail before a server is named."""
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))


@pytest.fixture
def adam(app: Flask, session: Session, cast: Cast) -> FlaskClient:
    give_factors(session)
    return browse(app, cast.adam)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


def by(server: SmtpServer, sender: str) -> dict[str, str]:
    return {"host": server.host, "port": str(server.port), "tls": "none", "sender": sender}


def kept(session: Session) -> InstallationMailServer | None:
    session.rollback()
    session.expire_all()
    return servers.of_installation(session)


def name_the_companys_own(adam: FlaskClient, server: SmtpServer) -> None:
    adam.post("/settings/mail/server", data=by(server, "saiyo@acme.example"))
    adam.post("/settings/mail/test")
    assert adam.post("/settings/mail/code", data={"code": code_in(server)}).status_code == 303


@pytest.mark.parametrize("page", ["/setup/sending", "/settings/mail", PAGE, f"{PAGE}/server"])
def test_a_mailbox_that_hr_does_not_open_is_asked_for(adam: FlaskClient, page: str) -> None:
    assert NOT_HR in adam.get(page).text


def test_a_server_of_the_installations_own_is_kept_and_tried(
    adam: FlaskClient, session: Session, server: SmtpServer
) -> None:
    answer = adam.post(f"{PAGE}/server", data=by(server, "relay@acme.example"))
    assert (answer.status_code, answer.location) == (303, PAGE)
    adam.post(f"{PAGE}/test")
    assert adam.post(f"{PAGE}/code", data={"code": code_in(server)}).location == PAGE
    row = kept(session)
    assert row is not None
    assert (row.sender, row.tested_at is not None, row.confirmed_at is not None) == ("relay@acme.example", True, True)
    assert "届くことを確認済み" in adam.get(PAGE).text


def test_by_one_tick_the_tested_server_becomes_the_installations_and_the_page_says_who_reads(
    adam: FlaskClient, session: Session, server: SmtpServer
) -> None:
    share = f"{PAGE}/share"
    assert share not in adam.get("/setup/sending").text, "there is none that was tested"
    assert adam.post(share, data={"share": "y"}).status_code == 422

    name_the_companys_own(adam, server)
    page = adam.get("/setup/sending").text
    assert share in page
    assert "ご本人専用ページのメールも読めるようになります" in page
    assert READS_LOGINS not in page
    assert adam.post(share).status_code == 422, "the tick is the person's own"
    assert kept(session) is None

    assert adam.post(share, data={"share": "y", "next": "/setup/sending"}).location == "/setup/sending"
    row = kept(session)
    assert row is not None
    assert (row.host, row.port, row.sender) == (server.host, server.port, "saiyo@acme.example")
    for shown in ("/setup/sending", "/settings/mail"):
        assert READS_LOGINS in adam.get(shown).text


def test_with_a_mailbox_of_the_installations_own_nothing_is_shared(adam: FlaskClient, server: SmtpServer) -> None:
    name_the_companys_own(adam, server)
    adam.post(f"{PAGE}/server", data=by(server, "relay@acme.example") | {"host": "localhost"})
    assert READS_LOGINS not in adam.get("/settings/mail").text


def test_what_an_upgrade_took_over_is_said_until_it_is_confirmed(
    adam: FlaskClient, session: Session, server: SmtpServer
) -> None:
    adam.post(f"{PAGE}/server", data=by(server, "saiyo@acme.example"))
    row = kept(session)
    assert row is not None
    row.confirmed_at = None
    session.commit()
    page = adam.get("/settings/mail").text
    assert "更新のときに、自社の送信サーバーを引き継ぎました" in page
    assert "ほかの企業と提携先のものも含めて、パスワードの再設定や招待のリンクを読めます" in page
    assert adam.post(f"{PAGE}/confirm").location == "/settings/mail"
    assert "引き継ぎました" not in adam.get("/settings/mail").text


def test_another_company_reads_whose_server_it_is_and_changes_nothing(
    app: Flask, session: Session, cast: Cast, server: SmtpServer
) -> None:
    give_factors(session)
    mona = browse(app, cast.mona)
    assert mona.get(PAGE).location == "/settings/mail"
    assert "まだ設定されていないため、これらのメールは送られずに待っています" in mona.get("/settings/mail").text
    for form in ("server", "server/remove", "test", "code", "share", "confirm"):
        typed = by(server, "mona@other.example") | {"share": "y", "code": "123456"}
        assert mona.post(f"{PAGE}/{form}", data=typed).status_code == 409, form
    assert kept(session) is None


def test_without_it_no_partner_is_invited_and_the_page_says_what_to_do(
    adam: FlaskClient, session: Session, cast: Cast, server: SmtpServer
) -> None:
    """A company's own server changes nothing about it: it carries no invitations."""
    typed = {"email": "desk@musubi.example", "rules": "y"}
    name_the_companys_own(adam, server)
    refused = adam.post("/settings/partners/invitations", data=typed)
    assert refused.status_code in {409, 422}
    assert "Relayの送信サーバーがまだないため、登録も招待もしていません" in refused.text
    session.rollback()
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Invitation)).all() == []
    session.rollback()

    adam.post(f"{PAGE}/share", data={"share": "y"})
    assert adam.post("/settings/partners/invitations", data=typed).status_code == 303


def test_a_changed_server_is_told_to_every_administrator(
    adam: FlaskClient, session: Session, cast: Cast, server: SmtpServer
) -> None:
    adam.post(f"{PAGE}/server", data=by(server, "relay@acme.example"))
    with scopes.company(session, session.scalars(select(Company.id).where(Company.slug == "acme")).one()):
        told = session.scalars(select(Message.to_address).where(Message.letter == "mail-server-changed")).all()
    assert list(told) == ["adam@acme.example"]
