"""What was read from a file that waits, on the disk, so that a page of it costs the page: rows and remarks as lines of
JSON, then what is to be said of the whole with the place of every fiftieth line, then where that begins.

The limited process writes it; only JSON comes back from there.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import IO, Any

from relay.intake import refusals
from relay.intake.assignment import Question
from relay.intake.fields import Field
from relay.intake.mapping import Column, Shape
from relay.intake.plan import checked_words
from relay.intake.result import DropKind, DroppedColumn, End, ImportRow, Problem, Reading, TakenColumn
from relay.intake.steps import Step
from relay.models import DecisionReason, Reapply, TagKind

PER_PAGE = 50
SHOWN_ROWS = 10
"""How many rows with words to be checked are named."""
_END = 20
"""Digits of the place at which the head begins; the last bytes of the file."""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind: how many, and where each page of them begins."""

    count: int
    places: tuple[int, ...]

    @property
    def pages(self) -> int:
        """How many pages of them there are, one at least."""
        return max(1, len(self.places))


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A file that was read: what is to be said of the whole, and a way to its rows and remarks."""

    path: Path
    format: str
    encoding: str
    delimiter: str
    header_row: int
    sheet: str
    row_count: int
    columns: tuple[TakenColumn | DroppedColumn, ...]
    shape: Shape
    ends: dict[End, int]
    worded: int
    """How many rows have words in their memo, tags or evaluations that the law keeps out (A-22)."""
    worded_rows: tuple[int, ...]
    warnings: tuple[Problem, ...]
    """What concerns the whole file, said before everything else."""
    rows: Section
    problems: Section
    notes: Section

    @property
    def taken(self) -> list[TakenColumn]:
        """The columns that are taken, in the order of the file."""
        return [column for column in self.columns if isinstance(column, TakenColumn)]

    @property
    def dropped(self) -> list[DroppedColumn]:
        """The columns that stay behind, in the order of the file."""
        return [column for column in self.columns if isinstance(column, DroppedColumn)]

    @property
    def is_settled(self) -> bool:
        """Whether it is clear which column is what; else HR has to say."""
        return self.shape.is_settled

    @property
    def refused(self) -> bool:
        """Whether the file must not be applied."""
        return self.problems.count > 0

    def page_of_rows(self, page: int) -> list[ImportRow]:
        """Fifty rows, counted from the first page."""
        return [_row(values) for values in self._page(self.rows, page)]

    def page_of_problems(self, page: int = 1) -> list[Problem]:
        """Fifty of what is to be put right."""
        return [Problem(*values) for values in self._page(self.problems, page)]

    def page_of_notes(self, page: int = 1) -> list[Problem]:
        """Fifty of what is only worth knowing."""
        return [Problem(*values) for values in self._page(self.notes, page)]

    def every_problem(self) -> Iterator[Problem]:
        """All of them, one after the other."""
        return (Problem(*values) for values in self._every(self.problems))

    def every_note(self) -> Iterator[Problem]:
        """All of them, one after the other."""
        return (Problem(*values) for values in self._every(self.notes))

    def whole(self) -> Reading:
        """Everything at once, for applying it."""
        return Reading(
            filename="",
            format=self.format,
            encoding=self.encoding,
            delimiter=self.delimiter,
            header_row=self.header_row,
            sheet=self.sheet,
            fingerprint=self.shape.fingerprint,
            columns=self.columns,
            row_count=self.row_count,
            rows=tuple(map(_row, self._every(self.rows))),
            problems=tuple(self.every_problem()),
            notes=tuple(self.every_note()),
            warnings=self.warnings,
        )

    def _page(self, section: Section, page: int) -> list[Any]:
        if not 0 < page <= len(section.places):
            return []
        with self._file() as file:
            file.seek(section.places[page - 1])
            most = min(PER_PAGE, section.count - (page - 1) * PER_PAGE)
            return [json.loads(file.readline()) for _line in range(most)]

    def _every(self, section: Section) -> Iterator[Any]:
        """The file is opened at once: whoever discards it meanwhile does not take it away any more."""
        return _lines_of(self._file(), section)

    def _file(self) -> IO[bytes]:
        try:
            return self.path.open("rb")
        except FileNotFoundError as error:
            raise refusals.FileGone from error


def write(reading: Reading | None, shape: Shape, goal: IO[bytes]) -> None:
    """Write what was read to an empty file; without a reading no column holds names, and only the columns are kept."""
    lines = _Lines(goal)
    rows, problems, notes = (reading.rows, reading.problems, reading.notes) if reading else ((), (), ())
    ends = {end.value: sum(row.end is end for row in rows) for end in End}
    worded = [row.row for row in rows if checked_words(row)]
    head = {
        "format": reading.format if reading else "",
        "encoding": reading.encoding if reading else "",
        "delimiter": reading.delimiter if reading else "",
        "header_row": shape.header_row,
        "sheet": reading.sheet if reading else "",
        "row_count": reading.row_count if reading else 0,
        "columns": [_stored_column(column) for column in (reading.columns if reading else ())],
        "shape": _stored_shape(shape),
        "warnings": _stored_remarks(reading.warnings if reading else ()),
        "ends": {end: count for end, count in ends.items() if count},
        "worded": len(worded),
        "worded_rows": worded[:SHOWN_ROWS],
        "rows": lines.section(map(_stored_row, rows)),
        "problems": lines.section(_stored_remarks(problems)),
        "notes": lines.section(_stored_remarks(notes)),
    }
    place = lines.add(head)
    goal.write(f"{place:0{_END}d}".encode())


def open_at(path: Path) -> KeptReading:
    """Give the reading that was written to this file, without its rows."""
    with path.open("rb") as file:
        file.seek(-_END, os.SEEK_END)
        file.seek(int(file.read(_END)))
        head = json.loads(file.readline())
    return KeptReading(
        path=path,
        format=head["format"],
        encoding=head["encoding"],
        delimiter=head["delimiter"],
        header_row=head["header_row"],
        sheet=head["sheet"],
        row_count=head["row_count"],
        columns=tuple(map(_column, head["columns"])),
        shape=_shape(*head["shape"]),
        ends={End(end): count for end, count in head["ends"].items()},
        worded=head["worded"],
        worded_rows=tuple(head["worded_rows"]),
        warnings=tuple(Problem(*values) for values in head["warnings"]),
        rows=_section(*head["rows"]),
        problems=_section(*head["problems"]),
        notes=_section(*head["notes"]),
    )


def _lines_of(file: IO[bytes], section: Section) -> Iterator[Any]:
    with file:
        file.seek(section.places[0] if section.places else 0)
        for _line in range(section.count):
            yield json.loads(file.readline())


class _Lines:
    """Lines of JSON being written, and where each of them begins."""

    def __init__(self, goal: IO[bytes]) -> None:
        self._goal = goal
        self._place = 0

    def add(self, value: Any) -> int:
        """Write one line; returns its place."""
        place = self._place
        self._place += self._goal.write(
            json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_as_text).encode() + b"\n"
        )
        return place

    def section(self, values: Iterable[Any]) -> tuple[int, list[int]]:
        """Write a line for each; returns how many, and where every fiftieth begins."""
        places: list[int] = []
        count = 0
        for value in values:
            place = self.add(value)
            if count % PER_PAGE == 0:
                places.append(place)
            count += 1
        return count, places


# values as JSON holds them


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _stored_remarks(remarks: Sequence[Problem]) -> list[Any]:
    """In the order of their rows; of one row in the order they were made."""
    return [[one.row, one.column, str(one.message)] for one in sorted(remarks, key=lambda one: one.row)]


_ROW = tuple(field.name for field in fields(ImportRow))


def _stored_row(row: ImportRow) -> list[Any]:
    values = {name: getattr(row, name) for name in _ROW} | {"steps": [step.stored() for step in row.steps]}
    return list(values.values())


def _row(values: Sequence[Any]) -> ImportRow:
    told = dict(zip(_ROW, values, strict=True))
    for name in ("birth_date", "applied_on", "decided_on"):
        told[name] = date.fromisoformat(told[name]) if told[name] else None
    told["reapply"] = Reapply(told["reapply"]) if told["reapply"] else None
    told["reason"] = DecisionReason(told["reason"]) if told["reason"] else None
    told["end"] = End(told["end"])
    told["tags"] = tuple((TagKind(kind), tag) for kind, tag in told["tags"])
    told["steps"] = tuple(map(Step.restored, told["steps"]))
    return ImportRow(**told)


def _stored_column(column: TakenColumn | DroppedColumn) -> list[Any]:
    if isinstance(column, TakenColumn):
        return [column.name, column.field.value, column.index]
    return [column.name, column.kind.value, str(column.reason), column.index]


def _column(values: Sequence[Any]) -> TakenColumn | DroppedColumn:
    if len(values) == 3:
        name, field, index = values
        return TakenColumn(name, Field(field), index)
    name, kind, reason, index = values
    return DroppedColumn(name, DropKind(kind), reason, index)


def _stored_shape(shape: Shape) -> list[Any]:
    questions = [[question.field.value, question.columns] for question in shape.questions]
    return [shape.fingerprint, shape.header_row, [_stored_shape_column(one) for one in shape.columns], questions]


def _stored_shape_column(column: Column) -> list[Any]:
    kept_out = None if column.kept_out is None else str(column.kept_out)
    told = (column.index, column.key, column.name, column.samples, column.taken_as, column.guess, column.unsure)
    return [*told, kept_out]


def _shape(fingerprint: str, header_row: int, columns: Sequence[Any], questions: Sequence[Any]) -> Shape:
    return Shape(
        fingerprint,
        header_row,
        tuple(
            Column(index, key, name, tuple(samples), taken_as, guess, unsure, kept_out)
            for index, key, name, samples, taken_as, guess, unsure, kept_out in columns
        ),
        tuple(Question(Field(field), tuple(indexes)) for field, indexes in questions),
    )


def _section(count: int, places: Sequence[int]) -> Section:
    return Section(count, tuple(places))
