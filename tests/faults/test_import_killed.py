"""Invariant 8 with real processes: an import that is killed while it writes has written everything or nothing.

On SQLite, where many rows are written with triggers away, until the transaction ends.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from relay.models.triggers import MANY
from tests import forked
from tests.installation import Installation, installation, wait_until

ROWS = MANY * 2
WRITTEN = ("candidates", "applications", "source_records", "candidate_orders", "match_checks")
"""What every row of the file adds one row to."""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    """A company, and a file of people nobody knows."""
    with installation(tmp_path) as made:
        made.relay("company", "create", "--name", "みどり", "--slug", "midori", "--admin", "aya@midori.example")
        people = (f"山田 花子,hanako{number}@mail.example,2026-11-01,書類選考,不採用" for number in range(ROWS))
        lines = ["氏名,メールアドレス,応募日,選考ステップ,結果", *people]
        (tmp_path / "people.csv").write_text("\n".join(lines), encoding="utf-8")
        yield made


def test_an_import_that_is_killed_is_there_as_a_whole_or_not_at_all(made: Installation) -> None:
    """On a busy machine one of them may be through before it is seen to write: each begins with the same database."""
    before = triggers(made)
    order = ("import", str(made.folder / "people.csv"), "--company", "midori", "--basis", "stated")
    log = made.folder / "import.log"
    seen = []
    for delay in (0.0, 0.0, 0.0, 0.1, 0.3):
        begin_with_nobody(made)
        process = forked.start(order, made.environment, out=log, err=log, typed=Path(os.devnull))
        wait_until(lambda: goes_on_writing(made), "it writes", patience=60)
        time.sleep(delay)
        process.kill()
        process.join(30)
        seen.append(tuple(counted(made)))
        assert triggers(made) == before
    nothing, everything = (0,) * len(WRITTEN), (ROWS,) * len(WRITTEN)
    assert nothing in seen
    assert set(seen) <= {nothing, everything}
    if seen[-1] == nothing:
        made.relay(*order)
    assert tuple(counted(made)) == everything
    assert triggers(made) == before


def begin_with_nobody(made: Installation) -> None:
    """Put the database back as it was before the first import, or keep it for that."""
    database, kept = made.folder / "relay.sqlite3", made.folder / "kept.sqlite3"
    if not kept.exists():
        with closing(sqlite3.connect(database)) as there, closing(sqlite3.connect(kept)) as copy:
            there.backup(copy)
        return
    for beside in ("-wal", "-shm"):
        database.with_name(database.name + beside).unlink(missing_ok=True)
    shutil.copy(kept, database)


def goes_on_writing(made: Installation) -> bool:
    """Whether the one writer is at it for longer than giving out ids takes, or is through."""
    for _look in range(5):
        with closing(sqlite3.connect(made.folder / "relay.sqlite3", timeout=0, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                time.sleep(0.01)
            else:
                return bool(database.execute("SELECT 1 FROM candidates").fetchone())
    return True


def counted(made: Installation) -> list[int]:
    with closing(sqlite3.connect(made.folder / "relay.sqlite3")) as database:
        return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in WRITTEN]


def triggers(made: Installation) -> set[tuple[str, str]]:
    """The triggers that are there, and what made them."""
    with closing(sqlite3.connect(made.folder / "relay.sqlite3")) as database:
        return set(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
