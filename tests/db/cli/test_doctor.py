"""`relay doctor`: says what is wrong and what to do, and tells the operator by mail without outbox and worker."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.cli.backup import NOTE
from relay.cli.doctor import alarm, checks, machine
from relay.config import Settings
from relay.extensions import begin_reading, begin_writing, db
from relay.infra import lanes, vault
from relay.infra.lanes import Lane
from relay.mail import outbox
from relay.models import (
    Heartbeat,
    Installation,
    Job,
    JobState,
    MailServer,
    MailTls,
    Message,
    MessageState,
    User,
    scopes,
)
from tests.cast import Cast, make_candidate, make_cast, make_company
from tests.smtp import SmtpServer, free_port, smtp_server

Set = Callable[..., None]


@pytest.fixture
def folder(app: Flask) -> Iterator[Path]:
    """The instance folder, without what an earlier test left."""
    folder: Path = app.config["RELAY"].instance
    for path in (folder, folder / "relay.sqlite3"):
        if path.exists():
            path.chmod(0o700)
    yield folder
    for name in (NOTE, alarm.FILE):
        (folder / name).unlink(missing_ok=True)


@pytest.fixture
def setting(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Change settings of the running application."""

    def change(**values: Any) -> None:
        settings: Settings = app.config["RELAY"]
        monkeypatch.setitem(app.config, "RELAY", replace(settings, **values))

    return change


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def healthy(session: Session, folder: Path, setting: Set, server: SmtpServer) -> Cast:
    """A production installation without anything amiss; Acme runs it, and Adam is its administrator."""
    cast = make_cast(session)
    cast.acme.runs_installation = True
    lanes.beat(session, Lane)
    with scopes.everyone(session, "test: the factor of everybody"):
        session.execute(update(User).values(totp_secret=vault.seal("a factor each")))
    session.add(Installation(id=1, notification_number="20-募-000001", created_at=clock.now()))
    session.commit()
    backup = folder / "x.backup"
    backup.touch(mode=0o600)
    note_backup(folder, backup)
    setting(
        env="production",
        base_url="https://relay.acme.example",
        mail_host=server.host,
        mail_port=server.port,
        mail_tls="none",
        mail_sender="relay@acme.example",
    )
    set_server_log(session, "terse")
    return cast


def set_server_log(session: Session, verbosity: str) -> None:
    """What the recipe says to PostgreSQL; SQLite has no log."""
    if session.get_bind().dialect.name == "postgresql":
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f'ALTER DATABASE "{name}" SET log_error_verbosity = {verbosity}'))
        session.commit()
        db.engine.dispose()  # it holds for new connections


def note_backup(folder: Path, backup: Path, days: float = 0) -> None:
    at = (clock.now() - timedelta(days=days)).isoformat()
    (folder / NOTE).write_text(json.dumps({"at": at, "path": str(backup), "bytes": 1}))


def doctor(*words: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words])


def test_a_healthy_installation_has_nothing_to_say(healthy: Cast, server: SmtpServer) -> None:
    result = doctor("--mail")
    assert result.exit_code == 0, result.output
    assert "うまく動いています" in result.output
    assert "×" not in result.output
    assert "△" not in result.output
    assert server.received == [], "a server is greeted, no mail is sent"


def test_a_database_whose_log_would_quote_values_is_named(session: Session, healthy: Cast) -> None:
    set_server_log(session, "default")
    told = "△ PostgreSQL のログに" in doctor().output
    assert told is (session.get_bind().dialect.name == "postgresql")


def test_a_worker_that_fell_silent_is_told_by_mail_at_once(session: Session, healthy: Cast, server: SmtpServer) -> None:
    stop_worker(session)
    result = doctor("--mail")
    assert result.exit_code == 1, result.output
    assert "× 送信の係" in result.output
    assert "systemctl restart relay-worker@mail" in result.output
    (mail,) = server.received
    assert mail["To"] == healthy.adam.email, "the administrators of the company that runs the installation"
    assert mail["Subject"] == "【Relay】relay.acme.example で、対処が必要なことが1件あります"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "送信の係" in mail.get_content()
    with scopes.everyone(session, "test"):
        assert session.query(Message).count() == 0, "not through the outbox"


@pytest.mark.parametrize(
    ("lane", "without"),
    [(Lane.MAIL, "メールは送られません"), (Lane.JOBS, "期限の来た方の消去"), (Lane.EVENTS, "同意の取り消し")],
)
def test_the_lane_that_stands_still_is_named_and_what_does_not_happen(
    session: Session, healthy: Cast, lane: Lane, without: str
) -> None:
    stop_worker(session, lane)
    (line,) = [line for line in doctor().output.splitlines() if line.startswith("×")]
    assert f"relay-worker@{lane}" in line
    assert without in line


def test_the_same_trouble_is_told_once_a_day_and_a_new_one_at_once(
    session: Session, healthy: Cast, server: SmtpServer
) -> None:
    stop_worker(session)
    assert [doctor("--mail").exit_code for _ in range(3)] == [1, 1, 1]
    assert len(server.received) == 1
    make_company(session, "demo", demo=True)
    session.commit()
    doctor("--mail")
    assert len(server.received) == 2
    with clock.at(clock.now() + timedelta(hours=25)):
        doctor("--mail")
    assert len(server.received) == 3


def test_what_is_well_again_is_told_anew_when_it_comes_back(
    session: Session, healthy: Cast, server: SmtpServer
) -> None:
    stop_worker(session)
    doctor("--mail")
    lanes.beat(session, Lane)
    session.commit()
    assert doctor("--mail").exit_code == 0
    stop_worker(session)
    doctor("--mail")
    assert len(server.received) == 2


def test_somebody_else_may_be_told(session: Session, healthy: Cast, server: SmtpServer) -> None:
    stop_worker(session)
    doctor("--mail", "--to", "it@acme.example", "--to", "boss@acme.example")
    assert [mail["To"] for mail in server.received] == ["it@acme.example", "boss@acme.example"]


def test_a_database_that_is_away_is_told_to_those_who_were_known(
    healthy: Cast, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor("--mail")

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    with monkeypatch.context() as gone:
        gone.setattr("relay.migrations.is_current", away)
        gone.setattr(Session, "execute", away)
        gone.setattr(Session, "scalars", away)
        result = doctor("--mail")
    assert result.exit_code == 1
    assert "データベースにつながりません" in result.output
    assert [mail["To"] for mail in server.received] == [healthy.adam.email]


def test_an_alarm_that_cannot_be_sent_is_said(session: Session, healthy: Cast, setting: Set) -> None:
    stop_worker(session)
    setting(mail_port=free_port())
    result = doctor("--mail")
    assert result.exit_code == 1
    assert "知らせるメールを送れませんでした" in result.output
    assert "Traceback" not in result.output


def test_a_schema_that_is_behind_is_the_only_thing_asked_of_the_database(
    healthy: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.migrations.is_current", lambda _engine: False)
    result = doctor()
    assert result.exit_code == 1
    assert "relay db upgrade" in result.output
    assert "送信の係" not in result.output


def test_mail_that_should_have_left_is_counted_unless_it_was_stopped(session: Session, healthy: Cast) -> None:
    late_mail(session, healthy)
    assert "15分以上過ぎたメールが 1通" in doctor().output
    healthy.acme.sending_stopped_at = clock.now()
    session.commit()
    assert "過ぎたメール" not in doctor().output


def test_every_mail_server_is_greeted(session: Session, healthy: Cast, server: SmtpServer) -> None:
    own_server(session, healthy, free_port())
    result = doctor()
    assert result.exit_code == 1
    assert f"○ 送信サーバー：{server.host}:{server.port}" in result.output
    assert "× 送信サーバー 127.0.0.1:" in result.output


def test_secrets_that_no_key_opens_and_those_of_an_earlier_key_are_counted(
    session: Session, healthy: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch, setting: Set
) -> None:
    with scopes.everyone(session, "test: of everybody"):
        session.execute(update(User).values(totp_secret=""))
    healthy.adam.totp_secret, healthy.ada.totp_secret = vault.seal("a"), "elsewhere:sealed"
    session.commit()
    setting(secret_key="n" * 40, secret_key_fallbacks=("k" * 40,))
    app.extensions.pop("relay_vault", None)
    result = doctor()
    app.extensions.pop("relay_vault", None)
    assert "1件を、いまの鍵では開けません" in result.output
    assert "1件は、以前の鍵で閉じられています" in result.output
    assert result.output.count("RELAY_SECRET_KEY_FALLBACKS") == 2
    assert "relay secrets reseal" in result.output


def test_whoever_signs_in_without_a_second_factor_is_named(session: Session, healthy: Cast) -> None:
    healthy.acme.live_since, healthy.other.live_since = None, None
    for person in (healthy.ada, healthy.agnes, healthy.mona, healthy.vic):
        person.totp_secret = ""
    healthy.vic.disabled_at = clock.now()
    make_candidate(session, healthy.acme)
    session.commit()
    [line] = [line for line in doctor().output.splitlines() if "二段階認証がまだの方" in line]
    assert line == "△ 二段階認証がまだの方：ada@acme.example、agnes@tsumugi.example", "Mona's company holds nobody yet"


def test_what_else_is_to_be_seen_to(session: Session, healthy: Cast, folder: Path) -> None:
    session.delete(session.get_one(Installation, 1))
    healthy.tsumugi.license_until = clock.today() + timedelta(days=10)
    dead = {"kind": "scrub", "key": "x", "state": JobState.DEAD, "due_at": clock.now(), "created_at": clock.now()}
    session.add(Job(**dead))
    session.commit()
    (folder / "hash-key").touch()
    (folder / "hash-key").chmod(0o644)
    result = doctor()
    (folder / "hash-key").unlink()
    assert result.exit_code == 0, "none of this stops anything today"
    for sentence in ("まだ答えがありません", "許可の有効期限", "終わらなかった処理があります（scrub）", "chmod 600"):
        assert sentence in result.output


def test_demo_data_in_production_is_trouble(session: Session, healthy: Cast) -> None:
    make_company(session, "demo", demo=True)
    session.commit()
    assert "relay demo --remove" in doctor().output


@pytest.mark.parametrize(("days", "level"), [(0.5, "○"), (3, "×")])
def test_an_old_backup_is_trouble(healthy: Cast, folder: Path, days: float, level: str) -> None:
    note_backup(folder, folder / "x.backup", days)
    assert f"{level} 最後のバックアップ" in doctor().output


def test_a_missing_backup_is_trouble_and_one_that_went_away_is_said(healthy: Cast, folder: Path) -> None:
    (folder / "x.backup").unlink()
    assert "△ 最後のバックアップ" in doctor().output
    (folder / NOTE).unlink()
    assert "× バックアップが、まだ一度もありません" in doctor().output


def test_a_full_disk_is_trouble(healthy: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LEAST_ROOM", 1 << 60)
    assert "× ディスクの空き" in doctor().output


def test_a_clock_that_went_back_is_trouble(session: Session, healthy: Cast) -> None:
    session.merge(Heartbeat(name=Lane.MAIL, at=clock.now() + timedelta(hours=1)))
    session.commit()
    assert "時計が合っていません" in doctor().output


def test_a_database_that_cannot_be_written_is_trouble(session: Session, healthy: Cast) -> None:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    session.rollback()
    db.engine.dispose()  # so that the doctor asks by the one connection that cannot write
    say(session, "PRAGMA query_only = ON" if on_sqlite else "SET SESSION default_transaction_read_only = on")
    result = doctor()
    session.rollback()
    db.engine.dispose()
    assert "× データベースに書き込めません" in result.output


def test_looking_changes_nothing(session: Session, healthy: Cast, folder: Path) -> None:
    before = sorted(os.listdir(folder))
    doctor()
    assert sorted(os.listdir(folder)) == before
    assert sorted(beat.name for beat in session.query(Heartbeat)) == sorted(Lane)


def say(session: Session, statement: str) -> None:
    session.rollback()
    begin_reading()
    session.execute(text(statement))
    session.commit()
    begin_writing()


def stop_worker(session: Session, lane: Lane = Lane.MAIL) -> None:
    session.merge(Heartbeat(name=lane, at=clock.now() - timedelta(minutes=10)))
    session.commit()


def late_mail(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        outbox.queue(session, "mail-test", company_id=cast.acme.id, to=cast.adam.email, by_user_id=cast.adam.id)
        session.flush()
        message = session.query(Message).one()
        message.state, message.due_at = MessageState.SCHEDULED, clock.now() - checks.OVERDUE - timedelta(minutes=1)
    session.commit()


def own_server(session: Session, cast: Cast, port: int) -> None:
    with scopes.company(session, cast.acme.id):
        session.add(
            MailServer(host="127.0.0.1", port=port, tls=MailTls.NONE, sender="a@acme.example", changed_at=clock.now())
        )
    session.commit()
