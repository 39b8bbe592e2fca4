"""The figures of the last measurement that landed: what a new one stands beside (`--land` writes them)."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("landed.tsv")


class Figure(NamedTuple):
    """A page of a set: milliseconds of the whole request, and of the processor at the server."""

    kind: str
    people: int
    page: str
    whole: float
    processor: float


def read() -> dict[tuple[str, int, str], Figure]:
    """The figures by database, size and page."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        rows = [Figure(kind, int(people), page, *map(float, rest)) for kind, people, page, *rest in _reader(lines)]
    return {row[:3]: row for row in rows}


def write(figures: Iterable[Figure]) -> None:
    """Put these in the place of older ones of the same page and size, and keep the others."""
    known = read() | {each[:3]: each for each in figures}
    with _FILE.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines, delimiter="\t", lineterminator="\n")
        rows.writerows((*key, f"{row.whole:.1f}", f"{row.processor:.2f}") for key, row in sorted(known.items()))


def _reader(lines: Iterable[str]) -> Iterable[list[str]]:
    return csv.reader(lines, delimiter="\t")
