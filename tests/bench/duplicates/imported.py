"""Duplicates end to end: a pool as files that `relay import` takes, and what import and worker make of it on SQLite.

A pair is joined where the import made one person of two rows, shown where the worker put it into the queue.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock, migrations
from relay.candidates.duplicates import jobs
from relay.candidates.duplicates.comparison_record import comparison_record
from relay.candidates.duplicates.match_score import LIKELY
from relay.extensions import db
from relay.models import DuplicatePair, MatchKey, Note, scopes
from tests.bench.duplicates.copies import Pool
from tests.bench.duplicates.measure import share
from tests.bench.sets import Kept
from tests.cast import make_cast

FILE_SIZE = 50_000
_COLUMNS = ("氏名", "フリガナ", "メールアドレス", "電話番号", "応募日", "職種", "結果", "メモ")
_DAYS = 9 * 28
"""So many days of applying there are; after them the position is another, so that no two rows are one application."""
Pairs = set[tuple[int, int]]


@dataclass(frozen=True)
class EndToEnd:
    """What became of a pool's rows, as pairs of their numbers."""

    pool: Pool
    joined: Pairs
    shown: Pairs
    importing: float
    worker: float
    """Seconds of a processor."""
    written: int
    keys: int

    @property
    def lines(self) -> list[str]:
        """The figures in words."""
        same, either = self.pool.same, self.joined | self.shown
        known = {number: comparison_record(self.pool.people[number]) for pair in same for number in pair}
        reachable = sum(share(known[one], known[other]) for one, other in same)
        return [
            f"{len(self.pool.people):,} rows, {len(same):,} true pairs; contacts allow {reachable / len(same):.4f}",
            f"  joined by the import: {len(self.joined):,} pairs, precision {_right(self.joined, same):.4f}",
            f"  shown: {len(self.shown):,} pairs, precision {_right(self.shown, same):.4f}",
            f"  joined or shown: precision {_right(either, same):.4f}, recall {len(either & same) / len(same):.4f}",
            f"  import {self.importing:.1f} s, worker {self.worker:.1f} s of CPU; "
            f"{self.written:,} pairs and {self.keys:,} keys written",
        ]


def brought_in(pool: Pool) -> EndToEnd:
    """Import the pool into an empty installation and let the worker compare everybody."""
    folder = Path(tempfile.mkdtemp(prefix="relay-duplicates-"))
    made = Kept("sqlite", len(pool.people), folder, f"sqlite:///{folder / 'relay.sqlite3'}", clock.now())
    try:
        app = made.app()
        with app.app_context():
            migrations.upgrade(db.engine)
            company_id = make_cast(db.session()).acme.id
            db.session.commit()
            importing = sum(_imported(made, file) for file in _files(pool, folder))
            session = db.session()
            used = time.process_time()
            jobs.run(session)
            worker = time.process_time() - used
            with scopes.company(session, company_id):
                return EndToEnd(pool, *_pairs(session), importing, worker, *_counts(session))
    finally:
        shutil.rmtree(folder)


def _files(pool: Pool, folder: Path) -> Iterable[Path]:
    rows = list(pool.people.items())
    for start in range(0, len(rows), FILE_SIZE):
        file = folder / f"応募者{start}.csv"
        with file.open("w", encoding="utf-8-sig", newline="") as opened:
            lines = csv.writer(opened)
            lines.writerow(_COLUMNS)
            for number, facts in rows[start : start + FILE_SIZE]:
                day = f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}"
                which = (day, f"職種{number // _DAYS}", "不採用", f"R{number}")
                lines.writerow((facts.name, facts.kana, facts.email, facts.phone, *which))
        yield file


def _imported(made: Kept, file: Path) -> float:
    before = _used_by_children()
    command = [sys.executable, "-m", "relay.cli", "import", str(file), "--company", "acme", "--basis", "stated"]
    done = subprocess.run(
        [*command, "--words-checked", "--json"], env=made.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"relay import: {json.loads(done.stdout)['problems'][:3]}{done.stderr[-300:]}")
    return _used_by_children() - before


def _used_by_children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _pairs(session: Session) -> tuple[Pairs, Pairs]:
    """Read back which rows became one person, and whose people are shown as a pair."""
    rows: dict[int, list[int]] = defaultdict(list)
    for candidate_id, memo in session.execute(select(Note.candidate_id, Note.body)):
        rows[candidate_id].append(int(memo.removeprefix("R")))
    joined = {pair for mine in rows.values() for pair in combinations(sorted(mine), 2)}
    wanted = select(DuplicatePair.one_id, DuplicatePair.other_id).where(DuplicatePair.rank >= LIKELY)
    shown = {
        (min(first, second), max(first, second))
        for one, other in session.execute(wanted)
        for first in rows[one]
        for second in rows[other]
    }
    return joined, shown


def _counts(session: Session) -> tuple[int, int]:
    pairs, keys = (session.scalar(select(func.count()).select_from(each)) or 0 for each in (DuplicatePair, MatchKey))
    return pairs, keys


def _right(found: Pairs, same: Pairs) -> float:
    return len(found & same) / len(found) if found else 1.0
