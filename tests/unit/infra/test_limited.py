"""A task in the limited process takes no more than it may, whatever the file does to the library that reads it."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from relay.infra import limited
from relay.infra.limited import Limits
from tests.hostile_files import FILES

ENOUGH = Limits(memory=1 << 30, written=1 << 20, processor=5, clock=5.0)
SMALL = "氏名,メモ\n山田,簿記\n".encode()
SLOW = FILES["signs only vendors have in EUC-JP"]()
"""Some seconds of work, in some megabytes."""


def tabulated(folder: Path, content: bytes, most: Limits) -> object:
    source, goal = folder / "source", folder / "goal"
    source.write_bytes(content)
    goal.touch()
    with source.open("rb") as sent, goal.open("r+b") as made:
        return limited.run("relay.intake.uploads.on_disk", "tabulate", [sent, made], most, max_rows=9)


def test_a_task_gives_its_answer(tmp_path: Path) -> None:
    told = tabulated(tmp_path, SMALL, replace(ENOUGH, clock=60.0))
    assert isinstance(told, dict)
    assert told["rows"] == 1
    assert "簿記" in (tmp_path / "goal").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "most"),
    [
        pytest.param(SLOW, replace(ENOUGH, memory=1 << 20), id="memory"),
        pytest.param(SMALL, replace(ENOUGH, written=10), id="written files"),
        pytest.param(SLOW, replace(ENOUGH, processor=1), id="processor"),
        pytest.param(SLOW, replace(ENOUGH, clock=0.3), id="clock"),
    ],
)
def test_what_takes_more_is_ended(tmp_path: Path, content: bytes, most: Limits) -> None:
    begun = time.monotonic()
    with pytest.raises(limited.Ended):
        tabulated(tmp_path, content, most)
    assert time.monotonic() - begun < ENOUGH.clock + limited.GRACE
