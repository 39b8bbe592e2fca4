"""A watched folder whose process is killed at any moment: each file is in once, and has one report."""

import json
import os
import random
import sqlite3
import time
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests import forked
from tests.installation import Installation, installation, wait_until

FILES = 20
KILLS = 12


def test_killed_again_and_again_each_file_is_in_once_with_one_report(tmp_path: Path) -> None:
    """RELAY_TEST_SEED repeats the moments of a run."""
    seed = int(os.environ.get("RELAY_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
    chance = random.Random(seed)  # noqa: S311
    (folder := tmp_path / "incoming").mkdir()
    with installation(tmp_path) as made:
        made.relay("company", "create", "--name", "みどり", "--slug", "midori", "--admin", "aya@midori.example")
        for number in range(FILES):
            put(folder, number)
        process = start(made, folder)
        for kill in range(KILLS):
            wanted = 1 + kill * (FILES - 4) // KILLS
            wait_until(lambda wanted=wanted: counted(made, "imports") >= wanted, f"{wanted} are in, seed {seed}")
            time.sleep(chance.random() * 0.15)
            assert process.is_alive(), (made.folder / "watch.log").read_text(encoding="utf-8")
            process.kill()
            process.join(30)
            process = start(made, folder)
        wait_until(lambda: not list(folder.glob("*.csv")), f"all are moved, seed {seed}")
        process.terminate()
        process.join(30)
        assert process.exitcode == 0, "it did not listen to SIGTERM"
        assert (counted(made, "imports"), counted(made, "candidates")) == (FILES, FILES * 5), f"seed {seed}"
    names = sorted(path.name for path in (folder / "done").iterdir())
    moved = [name for name in names if name.endswith(".csv")]
    assert len(moved) == FILES
    assert names == sorted(name + end for name in moved for end in ("", ".json", ".txt")), f"seed {seed}"
    for name in moved:
        report = json.loads((folder / "done" / f"{name}.json").read_text(encoding="utf-8"))
        assert (report["rows"], report["created"]) == (5, 5), f"{name}, seed {seed}"


def put(folder: Path, number: int) -> None:
    """Write a file elsewhere and rename it into place, as a careful program does."""
    people = (f"山田 花子,hanako{number}-{one}@mail.example,2026-11-01" for one in range(5))
    (half := folder.parent / "half").write_text("\n".join(["氏名,メールアドレス,応募日", *people]), encoding="utf-8")
    half.rename(folder / f"{number}.csv")


def start(made: Installation, folder: Path) -> BaseProcess:
    """Start to watch, once whoever was killed is gone."""
    words = ("import", "--watch", str(folder), "--settle", "0.1", "--company", "midori", "--basis", "stated")
    log = made.folder / "watch.log"
    return forked.start(words, made.environment, out=log, err=log, typed=Path(os.devnull))


def counted(made: Installation, table: str) -> int:
    with closing(sqlite3.connect(made.folder / "relay.sqlite3", timeout=30)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
