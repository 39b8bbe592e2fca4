"""`relay bounce < mail`: what it says and with which code it ends, for Postfix and others that hand mails in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.mail import outbox
from relay.mail.mailbox import UNKNOWN, Mailbox
from relay.models import Event, EventTag, Message, MessageState, scopes
from tests import bouncing
from tests.cast import Cast, make_application, make_candidate, make_cast

TO = "hanako@mail.example"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def unknown(app: Flask) -> Path:
    """Where unknown mails are kept: none yet."""
    folder = Mailbox.of(app.config["RELAY"], UNKNOWN).folder
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def message_id(session: Session, cast: Cast) -> str:
    """A result mail to Hanako that has left."""
    application = make_application(session, make_candidate(session, cast.acme, email=TO))
    with scopes.company(session, cast.acme.id):
        about = ("application", application.id)
        message = outbox.queue(session, "result", company_id=cast.acme.id, to=TO, subject=about)
        message.state, message.settled_at = MessageState.SENT, clock.now()
        session.commit()
        return message.message_id


def bounce(data: bytes) -> Result:
    return CliRunner().invoke(main, ["bounce"], input=data)


def state(session: Session, cast: Cast, message_id: str) -> MessageState:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Message.state).where(Message.message_id == message_id)).one()


def test_a_mail_that_came_back_is_noted_and_so_is_who_noted_it(session: Session, cast: Cast, message_id: str) -> None:
    said = bounce(bouncing.written("postfix-nobody", message_id, TO))
    assert (said.exit_code, said.output) == (0, "届かなかったことを記録しました。\n")
    assert state(session, cast, message_id) is MessageState.BOUNCED
    failed = select(Event.actor_kind).where(Event.tag == EventTag.RESULT_FAILED)
    assert session.scalars(failed).all() == ["system"]
    again = bounce(bouncing.written("postfix-nobody", message_id, TO))
    assert (again.exit_code, again.output) == (0, "新しく記録することはありませんでした。\n")


@pytest.mark.parametrize(
    "name", ["forged-guessed", "no-report-vacation", "no-report-newsletter", "no-report-person", "no-report-qmail"]
)
def test_what_it_does_not_know_it_keeps_and_never_sends_back(
    unknown: Path, session: Session, cast: Cast, message_id: str, name: str
) -> None:
    said = bounce(bouncing.sample(name))
    assert said.exit_code == 0
    assert "unknown-mails に30日間保管します" in said.output
    (kept,) = unknown.iterdir()
    assert kept.read_bytes() == bouncing.sample(name)
    assert state(session, cast, message_id) is MessageState.SENT


def test_nothing_at_all_is_no_error(app: Flask, session: Session) -> None:
    assert bounce(b"").exit_code == 0


def test_while_the_database_is_away_the_mail_is_to_be_handed_in_again(tmp_path: Path) -> None:
    settings = {"RELAY_ENV": "development", "RELAY_INSTANCE": str(tmp_path), "PATH": os.environ["PATH"]}
    nowhere = settings | {"RELAY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    for environment in (nowhere, {"RELAY_INSTANCE": str(tmp_path), "RELAY_BASE_URL": "wrong"}):
        ran = subprocess.run(
            [sys.executable, "-m", "relay.cli", "bounce"],
            input=bouncing.sample("postfix-nobody"),
            env=environment,
            capture_output=True,
            check=False,
        )
        assert ran.returncode == os.EX_TEMPFAIL == 75, ran
        assert "あとでもう一度渡してください".encode() in ran.stderr
        assert b"nobody@mail.example" not in ran.stderr
