"""Invariant 6 with real processes: workers are killed while they send results, and nothing is lost.

The long form, 25 kills among 500 results, is tests/soak/test_worker_killed.py.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from relay.extensions import db
from relay.models import Message, MessageState, scopes
from relay.worker.sending import SENDERS
from tests import killing
from tests.conftest import DATABASES, Migrated
from tests.installation import Installation, wait_until

MAILS = 60
KILLS = 5


@pytest.fixture(params=DATABASES)
def relay(request: pytest.FixtureRequest, tmp_path: Path, migrated: Migrated) -> Iterator[Installation]:
    """An installation with nobody at work yet."""
    with migrated(request.param) as url, killing.post_office(tmp_path, database_url=url) as made:
        yield made


def test_every_mail_arrives_though_workers_are_killed(relay: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    seen = killing.campaign(relay, mails=MAILS, kills=KILLS)
    with capsys.disabled():
        sys.stdout.write(f" {seen} ")


def test_every_webhook_arrives_though_workers_are_killed(
    relay: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = killing.webhook_campaign(relay, events=MAILS, kills=KILLS)
    with capsys.disabled():
        sys.stdout.write(f" {seen} ")


def test_nothing_is_lost_when_a_worker_dies_with_several_mails_in_hand(relay: Installation) -> None:
    """A slow server gets several at a time; whoever is killed then has them all in hand."""
    server = relay.smtp
    server.delay = 1
    queued = killing.queue_results(db.session(), 20)
    with killing.crew_of(relay) as crew:
        for _ in range(2):
            wait_until(lambda: server.in_hand >= 3, "a slow server is handed several at a time")
            crew.kill(0)
        server.delay = 0
        wait_until(killing.settled, "every mail is sent", patience=60)
    killing.assert_everyone_was_told_once(db.session(), 20)
    assert set(server.message_ids) == queued
    killing.assert_copies_went_to_one_person(server)


@pytest.mark.parametrize("relay", ["sqlite"], indirect=True)
def test_a_worker_told_to_stop_finishes_the_act_in_hand(relay: Installation) -> None:
    server = relay.smtp
    server.delay = 0.5
    killing.queue_results(db.session(), 20)
    worker = relay.start_worker()
    killing.wait_for(lambda: server.in_hand > 0, 30)
    worker.terminate()
    worker.join(30)
    assert worker.exitcode == 0
    sent = len(server.received)
    assert 0 < sent <= SENDERS < 20, "what may have been in hand, and no more"
    with scopes.everyone(db.session(), "test"):
        states = Counter(db.session.scalars(select(Message.state)))
    assert states == {MessageState.SENT: sent, MessageState.SCHEDULED: 20 - sent}, (
        "what was sent is marked, the rest waits"
    )
