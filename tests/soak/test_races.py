"""The long form of tests/faults/test_races.py: twenty rounds on PostgreSQL, their answers counted."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fresh_postgresql
from tests.racing import Course, course

ROUNDS = 20


@pytest.fixture
def races(postgresql: str, tmp_path: Path) -> Iterator[Course]:
    """A Relay of three processes on PostgreSQL."""
    with fresh_postgresql(postgresql, "relay_races") as url, course(tmp_path, database_url=url) as made:
        yield made


def test_twenty_rounds_of_every_race(races: Course, capsys: pytest.CaptureFixture[str]) -> None:
    editor = races.editor()
    for _round in range(ROUNDS):
        races.sign_ins()
        races.wrong_passwords()
        races.codes()
        races.undo(editor)
    with capsys.disabled():
        sys.stdout.writelines(f"\n{what}: {count}" for what, count in sorted(races.seen.items()))
    assert not [what for what in races.seen if what.rsplit(" ", 1)[1] >= "500"]
