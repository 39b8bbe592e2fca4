"""An installation of the version before upgrades with its mail ways intact: nobody is locked out, and it is said.

`backup-0003.backup` was made with `relay backup` by that version, in production without RELAY_MAIL_HOST: Midori runs
the installation, and its server (127.0.0.1) carried the mails of Akuma, of the agency Kaze and of candidates too; Soto
has a server of its own. Waiting are a result of Midori's and one of Akuma's, links for new passwords to Eve at Akuma
and Agnes at Kaze, an own page, and an invitation.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from relay import clock, create_app, migrations
from relay.cli import main
from relay.extensions import db
from relay.identity import companies
from relay.mail import outbox, servers, standstill
from relay.mail.mailbox import Mailbox
from relay.mail.transport import ConnectionPool
from relay.models import Company, InstallationMailServer, MailServer, MailTls, Message, MessageState, scopes
from tests.cast import make_company
from tests.installation import links_in
from tests.migrations.dumps import FOLDER
from tests.prepared import Prepared
from tests.smtp import SmtpServer, smtp_server

BACKUP = FOLDER / "backup-0003.backup"
LATER = datetime(2026, 11, 28, 12, tzinfo=UTC)
"""Some hours after the backup was made."""


@pytest.fixture
def restored(each: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The backup restored into the newest version, and in use, once on each kind of database."""
    for name, value in {
        "RELAY_ENV": "production",
        "RELAY_SECRET_KEY": "kept-backup-of-0003-" + "k" * 20,
        "RELAY_BASE_URL": "https://relay.midori.example",
    }.items():
        monkeypatch.setenv(name, value)

    def at(folder: Path, url: str) -> None:
        monkeypatch.setenv("RELAY_INSTANCE", str(folder))
        monkeypatch.setenv("RELAY_DATABASE_URL", url)

    def restore(engine: Engine) -> None:
        at(each.folder / "restored", engine.url.render_as_string(hide_password=False))
        done = CliRunner().invoke(main, ["restore", str(BACKUP)])
        assert done.exit_code == 0, done.output

    with each.copy(each.once("restored", restore)) as url:
        at(shutil.copytree(each.folder / "restored", tmp_path / "instance"), url)
        app = create_app()
        with app.app_context(), clock.at(LATER):
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def before() -> Iterator[SmtpServer]:
    """The server that carried everything, where there is room for it now."""
    with smtp_server() as running:
        yield running


def send_what_waited(app: Flask, server: SmtpServer) -> None:
    """After a restore sending stands still until somebody has looked."""
    session = db.session()
    with scopes.everyone(session, "test"):
        for table in (MailServer, InstallationMailServer):
            session.execute(update(table).where(table.host == server.host).values(port=server.port))
    for company in session.scalars(select(Company)):
        with scopes.company(session, company.id):
            standstill.resume(session, company)
    session.commit()
    lines = ConnectionPool(Mailbox.of(app.config["RELAY"]))
    while outbox.deliver_one(session, now=clock.now(), transport=lines):
        pass
    lines.rest()


def test_everything_that_waited_leaves_by_the_server_as_before(restored: Flask, before: SmtpServer) -> None:
    session = db.session()
    session.execute(update(Company).values(daytime_only=False))  # whatever the hour of the test
    session.commit()
    send_what_waited(restored, before)
    with scopes.everyone(session, "test"):
        assert set(session.scalars(select(Message.state))) == {MessageState.SENT}
    assert str(before.to("hanako@mail.example")[0]["From"]) == "株式会社みどり工業 <saiyo@midori.example>"
    assert str(before.to("taro@mail.example")[0]["From"]) == "株式会社あくま商会 <saiyo@midori.example>"
    for login in ("eve@akuma.example", "agnes@kaze.example"):
        [mail] = before.to(login)
        assert any("/password/" in link for link in links_in(mail)), "a new password can still be asked for"
    assert before.to("hinata@mail.example")
    assert before.to("desk@tsuki.example")


def test_each_company_keeps_its_own_way_with_its_sealed_password(restored: Flask) -> None:
    session = db.session()
    routes = {each.slug: servers.route_for(session, each.id) for each in session.scalars(select(Company))}
    assert {slug: route.host for slug, route in routes.items()} == {
        "midori": "127.0.0.1",
        "akuma": "127.0.0.1",
        "soto": "smtp.soto.example",
    }
    assert routes["soto"].password == "himitsu no kotoba"
    assert [routes[slug].company_id for slug in ("midori", "akuma", "soto")] == [
        companies.by_slug(session, "midori").id,
        None,
        companies.by_slug(session, "soto").id,
    ]


def test_the_operator_is_told_and_asked(restored: Flask) -> None:
    session = db.session()
    row = servers.of_installation(session)
    assert row is not None
    assert (row.sender, row.confirmed_at) == ("saiyo@midori.example", None)
    assert row.tested_at is not None
    session.rollback()
    for words in (["db", "upgrade"], ["doctor"], ["mail", "server", "show"]):
        said = CliRunner().invoke(main, words).output
        assert "引き継" in said, words
        assert "relay mail server confirm" in said, words
    assert CliRunner().invoke(main, ["mail", "server", "confirm"]).exit_code == 0
    assert "引き継" not in CliRunner().invoke(main, ["mail", "server", "show"]).output


def test_where_the_settings_name_a_server_nothing_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "RELAY_ENV": "production",
        "RELAY_INSTANCE": str(tmp_path),
        "RELAY_SECRET_KEY": "k" * 40,
        "RELAY_BASE_URL": "https://relay.midori.example",
        "RELAY_MAIL_HOST": "smtp.relay.example",
        "RELAY_MAIL_SENDER": "relay@relay.example",
    }.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(main, ["restore", str(BACKUP)]).exit_code == 0
    with create_app().app_context():
        assert servers.of_installation(db.session()) is None
        assert servers.route_for(db.session(), None).host == "smtp.relay.example"
        db.session.remove()
        db.engine.dispose()


def test_a_real_operator_comes_before_the_demo_and_the_seal_is_carried_over(newest: Engine) -> None:
    with Session(newest) as session:
        demo = make_company(session, "demo", runs_installation=True, demo=True)
        real = make_company(session, "real", runs_installation=True)
        for company in (demo, real):
            with scopes.company(session, company.id):
                session.add(
                    MailServer(
                        host=f"smtp.{company.slug}.example",
                        port=465,
                        tls=MailTls.TLS,
                        username="relay",
                        password=f"12345678:{company.slug}",
                        sender=f"relay@{company.slug}.example",
                        changed_at=clock.now(),
                    )
                )
                session.flush()
        session.commit()
    migrations.downgrade(newest, "0003")
    migrations.upgrade(newest)
    with Session(newest) as session:
        row = session.scalars(select(InstallationMailServer)).one()
    assert (row.host, row.password, row.port) == ("smtp.real.example", "12345678:real", 465)
