"""The long form of tests/web/test_fuzzing.py: a real server on each database, for twenty minutes in all.

RELAY_FUZZ_MINUTES says how long; RELAY_FUZZ_SEED begins with the round of a seed that a fault names. Each round is
sent to a town made anew, so that its requests can be repeated.
"""

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain, count, islice
from pathlib import Path

import pytest
from flask import Flask

from relay import config, create_app
from relay.extensions import begin_writing, db
from tests.conftest import DATABASES, empty, fresh_postgresql
from tests.fuzzing.fuzzer import Fuzzer
from tests.fuzzing.town import make_town
from tests.fuzzing.wire import OverSocket
from tests.installation import Installation, installation

MINUTES = float(os.environ.get("RELAY_FUZZ_MINUTES", "20"))
FIRST_SEED = int(os.environ.get("RELAY_FUZZ_SEED", str(int(time.time()))))
ROUND, NIGHT = 3000, 50
"""Requests to one town, and after how many of them everybody signs in again."""


@pytest.fixture(params=DATABASES)
def relay(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A web server of two processes."""
    if request.param == "sqlite":
        with installation(tmp_path) as made:
            made.serve(processes=2)
            yield made
        return
    with (
        fresh_postgresql(request.getfixturevalue("postgresql"), "relay_fuzzing") as url,
        installation(tmp_path, database_url=url) as made,
    ):
        made.serve(processes=2)
        yield made


@pytest.fixture
def app(relay: Installation) -> Iterator[Flask]:
    """The application on the server's database, with its context open."""
    app = create_app(config.load(relay.environment))
    with app.app_context():
        begin_writing()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_nothing_breaks_in_twenty_minutes(app: Flask, relay: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    end = time.monotonic() + MINUTES * 60 / len(DATABASES)
    statuses, faults = Counter[int](), list[str]()
    for seed in count(FIRST_SEED):
        fuzzer = play(app, relay, seed, end)
        statuses += fuzzer.statuses
        faults += fuzzer.faults
        with capsys.disabled():
            told = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
            sys.stdout.write(f"\nseed {seed}, {statuses.total()} requests so far, {told}; slowest {fuzzer.slowest}")
            sys.stdout.writelines(f"\n{fault}" for fault in fuzzer.faults)
        if time.monotonic() > end:
            break
    assert not faults, "\n".join(faults)


def play(app: Flask, relay: Installation, seed: int, end: float) -> Fuzzer:
    """One round, or what the time allows of it."""
    empty(db.engine)
    shutil.rmtree(relay.folder / "uploads", ignore_errors=True)
    session, wire = db.session(), OverSocket(relay.port)
    session.expunge_all()
    town = make_town(app, session, wire)
    fuzzer = Fuzzer(app, town, wire, str(seed))
    fuzzer.walk(everybody=True)
    for number, _asked in enumerate(chain(fuzzer.sweep(), islice(fuzzer.roam(), ROUND))):
        if number % NIGHT == 0:
            town.wake(session)
        if time.monotonic() > end:
            break
    return fuzzer
