"""`relay bounce` in several processes at once, one of them killed: each report is noted once, and none is lost."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from relay.extensions import db
from relay.models import Application, Event, EventTag, Message, MessageState, scopes
from tests import bouncing, forked, killing
from tests.conftest import DATABASES, Migrated
from tests.installation import Installation

AT_ONCE = 3


@pytest.fixture(params=DATABASES)
def relay(request: pytest.FixtureRequest, tmp_path: Path, migrated: Migrated) -> Iterator[Installation]:
    """An installation with nobody at work."""
    with migrated(request.param) as url, killing.post_office(tmp_path, database_url=url) as made:
        yield made


def test_whoever_is_killed_each_report_is_noted_once(relay: Installation, tmp_path: Path) -> None:
    session = db.session()
    killing.queue_results(session, 4)
    relay.relay("worker", "--once")
    with scopes.everyone(session, "test"):
        sent = session.execute(select(Message.message_id, Message.to_address).order_by(Message.id)).all()
    session.rollback()
    reports = dict(zip(("postfix-nobody", "exim-nobody", "postfix-full"), sent, strict=False))
    chance = random.Random(7)  # noqa: S311  (when to kill)
    for name, (message_id, to) in reports.items():
        (tmp_path / name).write_bytes(bouncing.written(name, message_id, to))
    processes = [_hand_in(relay, tmp_path, name) for name in reports for _ in range(AT_ONCE)]
    time.sleep(chance.uniform(0.5, 2))
    for killed in processes[::AT_ONCE]:
        killed.kill()
    for process in processes:
        process.join(120)
    codes = [process.exitcode for process in processes]
    assert set(codes[1::AT_ONCE] + codes[2::AT_ONCE]) == {0}, "those that lived are done"
    assert set(codes[::AT_ONCE]) <= {0, -9}
    assert not (tmp_path / "unknown-mails").exists()
    with scopes.everyone(session, "test"):
        states = session.scalars(select(Message.state).order_by(Message.id)).all()
        untold = session.scalar(select(func.count()).where(Application.notified_at.is_(None)))
    failed = session.scalars(select(Event.subject_id).where(Event.tag == EventTag.RESULT_FAILED)).all()
    assert states == [MessageState.BOUNCED, MessageState.BOUNCED, MessageState.FAILED, MessageState.SENT]
    assert (untold, len(failed), len(set(failed))) == (3, 3, 3)


def _hand_in(relay: Installation, folder: Path, name: str) -> forked.BaseProcess:
    log = folder / "bounce.log"
    return forked.start(
        ["bounce"], relay.environment | {"PATH": os.environ["PATH"]}, out=log, err=log, typed=folder / name
    )
