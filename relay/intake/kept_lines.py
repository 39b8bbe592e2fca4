"""Lines of JSON on the disk of which a page costs the page: sections of lines, then a head with the place of every
fiftieth line, then where the head begins.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from relay.intake import refusals

PER_PAGE = 50
_END = 20
"""Digits of the place at which the head begins; the last bytes of the file."""


@dataclass(frozen=True, slots=True)
class LineSection:
    """Where lines of one kind are: how many, and the offset at which each page begins."""

    count: int
    places: tuple[int, ...]

    @classmethod
    def stored(cls, count: int, places: Iterable[int]) -> "LineSection":
        """Give the section as a head holds it."""
        return cls(count, tuple(places))

    @property
    def pages(self) -> int:
        """Return how many pages of them there are, one at least."""
        return max(1, len(self.places))


class LineWriter:
    """Write values as lines of JSON, and note where each begins."""

    def __init__(self, goal: IO[bytes]) -> None:
        self._goal = goal
        self._place = 0

    def section(self, values: Iterable[Any]) -> tuple[int, list[int]]:
        """Write a line for each; returns how many, and where every fiftieth begins."""
        places: list[int] = []
        count = 0
        for value in values:
            place = self._add(value)
            if count % PER_PAGE == 0:
                places.append(place)
            count += 1
        return count, places

    def finish(self, head: Any) -> None:
        """Write the head, and where it begins."""
        self._goal.write(f"{self._add(head):0{_END}d}".encode())

    def _add(self, value: Any) -> int:
        place = self._place
        self._place += self._goal.write(
            json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_as_text).encode() + b"\n"
        )
        return place


def head_of(path: Path) -> Any:
    """Give the head of a file. Raises FileNotFoundError where it is gone."""
    with path.open("rb") as file:
        file.seek(-_END, os.SEEK_END)
        file.seek(int(file.read(_END)))
        return json.loads(file.readline())


def page(path: Path, section: LineSection, number: int) -> list[Any]:
    """Give the fifty lines of a page, counted from 1; none beyond the last. Raises FileGone."""
    if not 0 < number <= len(section.places):
        return []
    with _opened(path) as file:
        file.seek(section.places[number - 1])
        most = min(PER_PAGE, section.count - (number - 1) * PER_PAGE)
        return [json.loads(file.readline()) for _line in range(most)]


def every(path: Path, section: LineSection) -> Iterator[Any]:
    """Yield all lines; the file is opened at once, so that discarding it meanwhile does not take it away any more."""
    return _lines_of(_opened(path), section)


def _lines_of(file: IO[bytes], section: LineSection) -> Iterator[Any]:
    with file:
        file.seek(section.places[0] if section.places else 0)
        for _line in range(section.count):
            yield json.loads(file.readline())


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise refusals.FileGone from error


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
