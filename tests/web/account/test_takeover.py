"""Whoever names a company's mail server reads what it carries. It must carry nothing that opens a login (C-24)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import outbox
from relay.mail.mailbox import Mailbox
from relay.mail.transport import ConnectionPool
from tests.cast import Cast, browse, make_cast, make_user
from tests.installation import links_in
from tests.smtp import SmtpServer, smtp_server

LOGINS = ("mona@other.example", "abe@acme.example", "agnes@tsumugi.example")
"""An administrator of another company, a fellow administrator, a partner's agent."""


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    made.acme.runs_installation = True
    make_user(session, "abe", made.acme, made.adam.role)
    session.commit()
    return made


@pytest.fixture
def adams() -> Iterator[SmtpServer]:
    """The server that Acme's administrator, who runs the installation too, names in the settings."""
    with smtp_server() as running:
        yield running


@pytest.fixture
def organisation() -> Iterator[SmtpServer]:
    """The installation's own server."""
    with smtp_server() as running:
        yield running


@pytest.fixture
def adam(app: Flask, cast: Cast, adams: SmtpServer) -> FlaskClient:
    browser = browse(app, cast.adam)
    typed = {"host": adams.host, "port": str(adams.port), "tls": "none", "sender": "saiyo@acme.example"}
    assert browser.post("/settings/mail/server", data=typed).status_code == 303
    return browser


def ask_for_every_login(app: Flask, session: Session) -> None:
    for login in LOGINS:
        app.test_client().post("/password", data={"email": login})
    session.rollback()
    lines = ConnectionPool(Mailbox.of(app.config["RELAY"]))
    while outbox.deliver_one(session, now=clock.now(), transport=lines):
        pass
    lines.rest()


def login_links(server: SmtpServer) -> dict[str, str]:
    """Whose mail brought which link to a new password."""
    found = {str(mail["To"]): link for mail in server.received for link in links_in(mail) if "/password/" in link}
    return {login: found[login] for login in sorted(found)}


def test_no_link_to_a_login_travels_by_a_companys_server(
    app: Flask, adam: FlaskClient, session: Session, adams: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the installation has no server of its own: then they wait."""
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))
    ask_for_every_login(app, session)
    assert login_links(adams) == {}


def test_they_travel_by_the_installations(
    app: Flask,
    adam: FlaskClient,
    session: Session,
    adams: SmtpServer,
    organisation: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = replace(
        app.config["RELAY"],
        mail_host=organisation.host,
        mail_port=organisation.port,
        mail_tls="none",
        mail_sender="relay@x.example",
    )
    monkeypatch.setitem(app.config, "RELAY", named)
    ask_for_every_login(app, session)
    assert login_links(adams) == {}
    assert set(login_links(organisation)) == set(LOGINS)
