"""Invariant 6 with real processes: workers are killed 25 times while they send 500 results, and nothing is lost.

A kill may double what was between the server's answer and the mark, under the same Message-ID; no more. That is one
mail, or several where the server is slow, as it is on a busy machine.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock, config, create_app, migrations
from relay.extensions import db
from relay.mail import outbox
from relay.models import (
    Application,
    ApplicationResult,
    Company,
    Event,
    EventTag,
    MailTemplate,
    MailTemplateVersion,
    Message,
    MessageState,
    NotifiedBy,
    scopes,
)
from tests.cast import make_application, make_batch, make_candidate, make_cast
from tests.conftest import fresh_postgresql
from tests.smtp import SmtpServer, smtp_server

MAILS = 500
KILLS = 25
LEASE = 20
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_mail_arrives_though_workers_are_killed(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("RELAY_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
    with smtp_server() as server, _database(kind, tmp_path, request) as url:
        environ = _environ(tmp_path, server, url)
        app = create_app(config.load(environ))
        with app.app_context():
            migrations.upgrade(db.engine)
            queued = _queue_results(db.session())
            db.session.remove()
            crew = _Crew(environ)
            try:
                caught = _send_and_kill(random.Random(seed), server, crew, db.session())  # noqa: S311
                _wait_until(lambda: _settled(db.session()), 400)
                crew.stop()
            finally:
                crew.leave_nobody()
            _assert_everyone_was_told_once(db.session())
            db.session.remove()
            db.engine.dispose()
    copies = Counter(server.message_ids)
    extra = copies - Counter(queued)
    with capsys.disabled():
        sys.stdout.write(f" {kind}: {KILLS} kills, {extra.total()} extra copies, RELAY_TEST_SEED={seed} ")
    assert set(copies) == queued, f"seed {seed}: a mail was lost, or one was sent under another Message-ID"
    assert extra <= caught, f"seed {seed}: sent again though nobody was killed with it: {extra - caught}"
    _assert_copies_went_to_one_person(server)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_when_a_worker_dies_with_several_mails_in_hand(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A slow server gets several at a time; whoever is killed then has them all in hand."""
    with smtp_server() as server, _database(kind, tmp_path, request) as url:
        server.delay = 0.4
        environ = _environ(tmp_path, server, url)
        with create_app(config.load(environ)).app_context():
            migrations.upgrade(db.engine)
            queued = _queue_results(db.session(), 30)
            db.session.remove()
            crew = _Crew(environ)
            try:
                for _ in range(3):
                    _wait_until(lambda: server.in_hand >= 3, 15)
                    assert server.in_hand >= 3, "one after the other, though each takes long"
                    crew.kill(0)
                server.delay = 0
                _wait_until(lambda: _settled(db.session()), 60)
                crew.stop()
            finally:
                crew.leave_nobody()
            _assert_everyone_was_told_once(db.session(), 30)
            db.session.remove()
            db.engine.dispose()
    assert set(server.message_ids) == queued
    _assert_copies_went_to_one_person(server)


class _Crew:
    """Two workers beside each other, as real processes; the fallen are replaced."""

    def __init__(self, environ: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        pipe = subprocess.PIPE
        self._nursery = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environ, stdin=pipe, stdout=pipe, text=True
        )
        self._workers = [self._start(), self._start()]

    def kill(self, which: int) -> None:
        """SIGKILL one, the oldest being the first, and start another."""
        worker = self._workers.pop(which)
        assert _lives(worker), "a worker had ended by itself"
        os.kill(worker, signal.SIGKILL)
        _wait_until(lambda: not _lives(worker), 10)
        self._workers.append(self._start())

    def stop(self) -> None:
        """SIGTERM; every worker must end by itself."""
        for worker in self._workers:
            os.kill(worker, signal.SIGTERM)
        _wait_until(lambda: not any(map(_lives, self._workers)), 60)
        assert not any(map(_lives, self._workers)), "a worker did not listen to SIGTERM"

    def leave_nobody(self) -> None:
        """Whatever happened, no process stays behind."""
        for worker in filter(_lives, self._workers):
            os.kill(worker, signal.SIGKILL)
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        self._nursery.wait(timeout=30)

    def _start(self) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write("one more\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _send_and_kill(chance: random.Random, server: SmtpServer, crew: _Crew, session: Session) -> Counter[str]:
    """Kill after some mails and a random moment more, mostly the worker that sends; now and then at any other time.

    Returns how often each mail was in somebody's hands at a kill; the hands of who lives on are not told apart.
    """
    caught = Counter[str]()
    for _ in range(KILLS):
        if chance.random() < 0.9:
            wanted = len(server.received) + chance.randint(3, 27)
            _wait_until(partial(_has_received, server, wanted), 8)
            time.sleep(chance.random() * 0.03)
        else:
            time.sleep(chance.random())
        crew.kill(0 if chance.random() < 0.85 else 1)
        caught.update(_in_hand(session))
    return caught


def _in_hand(session: Session) -> Sequence[str]:
    with scopes.everyone(session, "test"):
        found = session.scalars(select(Message.message_id).where(Message.state == MessageState.SENDING)).all()
    session.rollback()
    return found


def _has_received(server: SmtpServer, count: int) -> bool:
    return len(server.received) >= count


def _queue_results(session: Session, count: int = MAILS) -> set[str]:
    """People of one company, each rejected and about to be told; returns the Message-IDs."""
    cast = make_cast(session)
    with scopes.company(session, cast.acme.id):
        text = MailTemplate(company_id=cast.acme.id, letter="result", name="見送り", created_at=clock.now())
        session.add(text)
        session.flush()
        version = MailTemplateVersion(
            company_id=cast.acme.id,
            template_id=text.id,
            version=1,
            subject="選考結果のご連絡",
            body="{{氏名}} 様\n\n選考の結果をお伝えします。",
            created_at=clock.now(),
        )
        session.add(version)
        session.flush()
        ids = {_queue_result(session, cast.acme, version.id, number) for number in range(count)}
        session.commit()
    return ids


def _queue_result(session: Session, company: Company, version_id: int, number: int) -> str:
    candidate = make_candidate(session, company, f"候補 {number}", email=f"person{number}@mail.example")
    application = make_application(
        session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today(), decided_in_relay=True
    )
    message = outbox.queue(
        session,
        "result",
        company_id=company.id,
        to=candidate.email,
        subject=("application", application.id),
        candidate_id=candidate.id,
        values={"氏名": candidate.name},
        template_version_id=version_id,
        batch_id=make_batch(session, company, "act").id,
    )
    return message.message_id


def _settled(session: Session) -> bool:
    with scopes.everyone(session, "test"):
        left = session.scalar(select(func.count()).where(Message.state != MessageState.SENT))
    session.rollback()
    return left == 0


def _assert_everyone_was_told_once(session: Session, count: int = MAILS) -> None:
    with scopes.everyone(session, "test"):
        told = session.scalar(
            select(func.count()).where(
                Application.notified_at.is_not(None), Application.notified_by == NotifiedBy.RELAY
            )
        )
        assert told == count
    events = session.scalars(select(Event.subject_id).where(Event.tag == EventTag.RESULT_SENT)).all()
    assert len(events) == len(set(events)) == count


def _assert_copies_went_to_one_person(server: SmtpServer) -> None:
    people: dict[str, set[str]] = {}
    for mail in server.received:
        people.setdefault(str(mail["Message-ID"]).strip(), set()).add(str(mail["To"]))
    assert all(len(addresses) == 1 for addresses in people.values())


def _environ(folder: Path, server: SmtpServer, url: str) -> dict[str, str]:
    return {
        "RELAY_ENV": "development",
        "RELAY_INSTANCE": str(folder),
        "RELAY_DATABASE_URL": url,
        "RELAY_SECRET_KEY": "k" * 40,
        "RELAY_HASH_KEY": "h" * 40,
        "RELAY_MAIL_HOST": server.host,
        "RELAY_MAIL_PORT": str(server.port),
        "RELAY_MAIL_TLS": "none",
        "RELAY_MAIL_SENDER": "relay@mail.example",
        "RELAY_MAIL_RATE": "0",
        "RELAY_LEASE_SECONDS": str(LEASE),
    }


@contextmanager
def _database(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'relay.sqlite3'}"
    else:
        with fresh_postgresql(request.getfixturevalue("postgresql"), f"relay_killed_{os.getpid()}") as url:
            yield url


def _wait_until(happened: Callable[[], bool], seconds: float) -> None:
    """Wait for something; when it does not come in time, the assertions that follow say what is missing."""
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.002)


def test_a_worker_told_to_stop_finishes_the_act_in_hand(tmp_path: Path) -> None:
    with smtp_server() as server:
        server.delay = 0.5
        environ = _environ(tmp_path, server, f"sqlite:///{tmp_path / 'relay.sqlite3'}")
        with create_app(config.load(environ)).app_context():
            migrations.upgrade(db.engine)
            _queue_results(db.session(), 3)
            db.session.remove()
            command = [sys.executable, "-m", "relay.cli", "worker"]
            worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | environ)
            _wait_until(lambda: server.in_hand > 0, 30)
            worker.terminate()
            assert worker.wait(timeout=30) == 0
            assert len(server.received) == 1
            with scopes.everyone(db.session(), "test"):
                states = Counter(db.session.scalars(select(Message.state)))
            db.session.remove()
            db.engine.dispose()
    assert states == {MessageState.SENT: 1, MessageState.SCHEDULED: 2}, "what was sent is marked, the rest waits"
