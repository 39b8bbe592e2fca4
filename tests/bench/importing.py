"""How fast `relay import` takes a sheet, from the start of the command to its end, and how long others wait."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import perf_counter

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from relay import clock
from relay.extensions import db
from relay.infra import jobs
from relay.infra.jobs import Queue
from tests.bench.people import POSITIONS, SKILLS, somebody
from tests.bench.sets import Kept, copy

ROWS = 50_000
COLUMNS = (
    "応募ID",
    "氏名",
    "フリガナ",
    "メールアドレス",
    "電話番号",
    "応募日",
    "応募経路",
    "募集職種",
    "選考ステップ",
    "結果",
    "タグ",
    "メモ",
)
ENDS = ("不採用", "不採用", "不採用", "辞退", "入社", "")


@dataclass(frozen=True)
class Imported:
    """What one run of the command did."""

    rows: int
    created: int
    seconds: float
    processor: float
    """How many seconds the command had a processor: what a machine that does other things, too, can be compared by."""
    longest_wait: float
    """How long another writer waited at most, in seconds."""
    failed: int
    """How many times another writer was turned away."""
    found_after: float
    """How many seconds the worker took then, until everybody was found by their words."""
    wait_of_finding: float
    """How long another writer waited at most meanwhile."""

    @property
    def per_second(self) -> float:
        """Rows a second, start to exit."""
        return self.rows / self.seconds


def imported(into: Kept, server: str) -> Imported:
    """Import a sheet of people nobody knows yet into a copy of the set. Raises RuntimeError when it is refused."""
    with copy(into, server) as goal:
        sheet = goal.folder / "応募者.csv"
        write(sheet, into)
        command = [sys.executable, "-m", "relay.cli", "import", str(sheet)]
        command += ["--company", "acme", "--basis", "stated", "--words-checked", "--json"]
        with OtherWriter(goal.url) as other:
            begun, used = perf_counter(), _used_by_children()
            done = subprocess.run(command, env=goal.environment(), capture_output=True, text=True, check=False)
            took = perf_counter() - begun, _used_by_children() - used
        if done.returncode != 0:
            raise RuntimeError(f"relay import: {done.stdout[-300:]}{done.stderr[-300:]}")
        with OtherWriter(goal.url) as beside:
            found_after = _until_found(goal)
    report = json.loads(done.stdout)
    waits = (other.longest_wait, other.failed + beside.failed, found_after, beside.longest_wait)
    return Imported(report["rows"], report["created"], *took, *waits)


def _used_by_children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _until_found(goal: Kept) -> float:
    """Work off what the import left to the worker; returns how many seconds that took."""
    app, begun = goal.app(), perf_counter()
    with app.app_context():
        session = db.session()
        while jobs.run_one(session, clock.now(), queues=[Queue.BULK_ACTIONS]):
            session.rollback()
    return perf_counter() - begun


class OtherWriter:
    """Somebody who writes a little, ten times a second, while a file comes in."""

    def __init__(self, url: str) -> None:
        patience = {"timeout": 60} if url.startswith("sqlite") else {}
        self.longest_wait = 0.0
        self.failed = 0
        self._engine = create_engine(url, connect_args=patience)
        self._stopping = Event()
        self._thread = Thread(target=self._write, daemon=True)

    def __enter__(self) -> "OtherWriter":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._engine.dispose()

    def _write(self) -> None:
        while not self._stopping.wait(0.1):
            begun = perf_counter()
            try:
                with self._engine.begin() as connection:
                    connection.execute(text("UPDATE companies SET name = name"))
            except OperationalError:
                self.failed += 1
            self.longest_wait = max(self.longest_wait, perf_counter() - begun)


def write(sheet: Path, into: Kept, *, rows: int = ROWS) -> None:
    """Write a sheet of people whom the set does not know."""
    dice = Random(7)  # noqa: S311  (dice, not a secret)
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)
        for number in range(50_000_000, 50_000_000 + rows):
            who = somebody(dice, number)
            tags = "、".join(SKILLS[skill] for skill in who.skills)
            position, applied = POSITIONS[who.position], f"{into.now:%Y-%m-%d}"
            row = (f"B{number}", who.name, who.kana, who.email, who.phone, applied, who.channel, position, who.stage)
            lines.writerow((*row, dice.choice(ENDS), tags, who.note))
