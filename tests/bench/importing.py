"""How fast `relay import` takes a sheet, from the start of the command to its end."""

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

from tests.bench.people import POSITIONS, SKILLS, somebody
from tests.bench.sets import Kept, copy

ROWS = 2000
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

    @property
    def per_second(self) -> float:
        """Rows a second, start to exit."""
        return self.rows / self.seconds


def imported(into: Kept, server: str) -> Imported:
    """Import a sheet of people nobody knows yet into a copy of the set. Raises RuntimeError when it is refused."""
    with copy(into, server) as goal:
        sheet = goal.folder / "応募者.csv"
        _write(sheet, into)
        command = [sys.executable, "-m", "relay.cli", "import", str(sheet)]
        command += ["--company", "acme", "--basis", "stated", "--words-checked", "--json"]
        begun = perf_counter()
        done = subprocess.run(command, env=goal.environment(), capture_output=True, text=True, check=False)
        took = perf_counter() - begun
    if done.returncode != 0:
        raise RuntimeError(f"relay import: {done.stdout[-300:]}{done.stderr[-300:]}")
    report = json.loads(done.stdout)
    return Imported(report["rows"], report["created"], took)


def _write(sheet: Path, into: Kept) -> None:
    dice = Random(7)  # noqa: S311  (dice, not a secret)
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number in range(50_000_000, 50_000_000 + ROWS):
            who = somebody(dice, number)
            tags = "、".join(SKILLS[skill] for skill in who.skills)
            position, applied = POSITIONS[who.position], f"{into.now:%Y-%m-%d}"
            row = (f"B{number}", who.name, who.kana, who.email, who.phone, applied, who.channel, position, who.stage)
            rows.writerow((*row, dice.choice(ENDS), tags, who.note))
