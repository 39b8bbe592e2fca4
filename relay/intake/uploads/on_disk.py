"""A file that waits, on the disk: its cells, then the reading of them, rows and remarks.

A limited process writes both (relay.infra.limited); only JSON comes back, and nothing of the file is executed,
followed or asked for but what a table of people needs. Of the file as it was sent nothing is kept but its cells: a line
for the file, then one for each row of each sheet, so that HR can choose another sheet or header row. Everything else is
lines of which a page costs the page: sections of lines, then a head with the place of every fiftieth line, then where
the head begins.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import IO, Any

from relay.intake.fields import DropKind, Field
from relay.intake.planning.plan import checked_words
from relay.intake.reading import refusals
from relay.intake.reading.grids import FileGrids, Grid, Record, open_file
from relay.intake.reading.refusals import FileRefused, NoNameColumn
from relay.intake.reading.table import FileTable, NamedPlace, Place, find_table, read_table
from relay.intake.rows import mapping
from relay.intake.rows.columns import fingerprint
from relay.intake.rows.mapping import Column, Shape
from relay.intake.rows.reader import rows_of
from relay.intake.rows.row import ColumnQuestion, DroppedColumn, ImportRow, Problem, Reading, TakenColumn
from relay.intake.rows.words import ImportedStep
from relay.intake.uploads.cells import KeptSheet, read_cells, sheets_of, top_of, write_cells
from relay.models import ApplicationResult, RejectionReason, TagKind
from relay.models.candidate_fields import IMPORTED_FIELDS


def tabulate(files: Sequence[IO[bytes]], *, max_rows: int) -> dict[str, Any]:
    """Find the table of the first file and write its cells to the second; returns what it is, or why there is none."""
    sent, goal = files
    try:
        file = open_file(sent.read())
        grid, table = find_table(file, max_rows=max_rows, lenient=True)
        write_cells(file, grid, table, goal)
    except FileRefused as refused:
        return {"refused": str(refused)}
    return _told(file, grid, table)


def find_again(files: Sequence[IO[bytes]], *, max_rows: int, place: dict[str, int]) -> dict[str, Any]:
    """Find the table in the kept cells where HR says that it is; returns what it is, or why there is none."""
    file = read_cells(files[0])
    try:
        grid, table = find_table(file, place=Place(**place), max_rows=max_rows, lenient=True)
    except FileRefused as refused:
        return {"refused": str(refused)}
    return _told(file, grid, table)


def read(files: Sequence[IO[bytes]], *, today: str, chosen: dict[str, str], place: dict[str, int]) -> None:
    """Read the rows of the table in the first file, and write what was read to the second."""
    cells, goal = files
    file = read_cells(cells)
    grid, table = find_table(file, place=Place(**place), lenient=True)
    shape = mapping.look(table, chosen)
    try:
        reading = rows_of(table, filename="", today=date.fromisoformat(today), chosen=chosen)
    except NoNameColumn:
        reading = None
    told = {"sheets": sheets_of(file), "top": top_of(grid, shape), "several": bool(table.other_people)}
    write_reading(reading, shape, goal, told)


def look_at_whole(files: Sequence[IO[bytes]], **said: Any) -> dict[str, Any]:
    """Tell the fingerprint of the columns of a file that is applied without a look, or why it cannot be read."""
    try:
        return {"fingerprint": fingerprint(_whole_table(files[0], **said))}
    except FileRefused as refused:
        return {"refused": str(refused)}


def read_whole(files: Sequence[IO[bytes]], *, today: str, chosen: dict[str, str], **said: Any) -> dict[str, Any] | None:
    """Read the rows of such a file, and write what was read to the second; returns why that is impossible."""
    try:
        table = _whole_table(files[0], **said)
        reading = rows_of(table, filename="", today=date.fromisoformat(today), chosen=chosen)
    except FileRefused as refused:
        return {"refused": str(refused)}
    write_reading(reading, mapping.look(table, chosen), files[1], {"sheets": (), "top": (), "several": False})
    return None


def _whole_table(sent: IO[bytes], *, max_rows: int, format: str | None, sheet: str, header_row: int) -> FileTable:
    sent.seek(0)
    named = NamedPlace(sheet, header_row)
    return read_table(sent.read(), format=format, max_rows=max_rows, lenient=True, named=named)


def _told(file: FileGrids, grid: Grid, table: FileTable) -> dict[str, Any]:
    told = {"format": table.source.name, "rows": len(table.rows), "fingerprint": fingerprint(table)}
    return told | {"sheet": file.grids.index(grid) + 1 if grid.sheet else 0}


# lines


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


def page_of(path: Path, section: LineSection, number: int) -> list[Any]:
    """Give the fifty lines of a page, counted from 1; none beyond the last. Raises FileGone."""
    if not 0 < number <= len(section.places):
        return []
    with _opened(path) as file:
        file.seek(section.places[number - 1])
        most = min(PER_PAGE, section.count - (number - 1) * PER_PAGE)
        return [json.loads(file.readline()) for _line in range(most)]


def every_line(path: Path, section: LineSection) -> Iterator[Any]:
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


# the reading


SHOWN_ROWS = 10
"""How many rows with words to be checked are named."""


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
    results: dict[ApplicationResult, int]
    worded: int
    """How many rows have words in their memo, tags or evaluations that the law keeps out (A-22)."""
    worded_rows: tuple[int, ...]
    warnings: tuple[Problem, ...]
    """What concerns the whole file, said before everything else."""
    strange: tuple[tuple[str, int], ...]
    """Words for results that nobody knows, and in how many rows."""
    sheets: tuple[KeptSheet, ...]
    """What a workbook holds; of other files nothing."""
    several: bool
    """Whether more than one of them holds people, and HR has not said yet which one is meant."""
    top: tuple[Record, ...]
    """The first rows of the sheet that was read, cut for looking at."""
    rows: LineSection
    problems: LineSection
    notes: LineSection

    @property
    def taken(self) -> list[TakenColumn]:
        """Return the columns that are taken, in the order of the file."""
        return [column for column in self.columns if isinstance(column, TakenColumn)]

    @property
    def dropped(self) -> list[DroppedColumn]:
        """Return the columns that stay behind, in the order of the file."""
        return [column for column in self.columns if isinstance(column, DroppedColumn)]

    @property
    def is_certain(self) -> bool:
        """Return whether it is clear which column is what; else HR has to say."""
        return self.shape.is_certain

    @property
    def refused(self) -> bool:
        """Return whether the file must not be applied."""
        return self.problems.count > 0

    def page_of_rows(self, page: int) -> list[ImportRow]:
        """Fifty rows, counted from the first page."""
        return [_row(values) for values in page_of(self.path, self.rows, page)]

    def page_of_problems(self, page: int = 1) -> list[Problem]:
        """Fifty of what is to be put right."""
        return [Problem(*values) for values in page_of(self.path, self.problems, page)]

    def page_of_notes(self, page: int = 1) -> list[Problem]:
        """Fifty of what is only worth knowing."""
        return [Problem(*values) for values in page_of(self.path, self.notes, page)]

    def every_problem(self) -> Iterator[Problem]:
        """Yield all problems, one after the other."""
        return (Problem(*values) for values in every_line(self.path, self.problems))

    def every_note(self) -> Iterator[Problem]:
        """Yield all notes, one after the other."""
        return (Problem(*values) for values in every_line(self.path, self.notes))

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
            rows=tuple(map(_row, every_line(self.path, self.rows))),
            problems=tuple(self.every_problem()),
            notes=tuple(self.every_note()),
            warnings=self.warnings,
            strange=self.strange,
        )


def write_reading(reading: Reading | None, shape: Shape, goal: IO[bytes], told: Mapping[str, Any]) -> None:
    """Write what was read to an empty file, and what is told of the sheets.

    Without a reading no column holds names, and only the columns are kept.
    """
    lines = LineWriter(goal)
    rows, problems, notes = (reading.rows, reading.problems, reading.notes) if reading else ((), (), ())
    results = {result.value: sum(row.result is result for row in rows) for result in ApplicationResult}
    worded = [row.row for row in rows if checked_words(row)]
    head = {
        **told,
        "format": reading.format if reading else "",
        "encoding": reading.encoding if reading else "",
        "delimiter": reading.delimiter if reading else "",
        "header_row": shape.header_row,
        "sheet": shape.sheet,
        "row_count": reading.row_count if reading else 0,
        "columns": [_stored_column(column) for column in (reading.columns if reading else ())],
        "shape": _stored_shape(shape),
        "strange": reading.strange if reading else (),
        "warnings": _stored_remarks(reading.warnings if reading else ()),
        "ends": {result: count for result, count in results.items() if count},
        "worded": len(worded),
        "worded_rows": worded[:SHOWN_ROWS],
        "layout": _ROW,
        "rows": lines.section(map(_stored_row, rows)),
        "problems": lines.section(_stored_remarks(problems)),
        "notes": lines.section(_stored_remarks(notes)),
    }
    lines.finish(head)


def open_reading(path: Path) -> KeptReading:
    """Give the reading that was written to this file, without its rows.

    Raises FileNotFoundError for one that another version of Relay wrote: the file is brought again.
    """
    head = head_of(path)
    if head.get("layout") != _ROW or "sheets" not in head:
        raise FileNotFoundError(path)
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
        results={ApplicationResult(result): count for result, count in head["ends"].items()},
        worded=head["worded"],
        worded_rows=tuple(head["worded_rows"]),
        warnings=tuple(Problem(*values) for values in head["warnings"]),
        strange=tuple((word, count) for word, count in head["strange"]),
        sheets=tuple(KeptSheet(*values) for values in head["sheets"]),
        several=head["several"],
        top=tuple((number, cells) for number, cells in head["top"]),
        rows=LineSection.stored(*head["rows"]),
        problems=LineSection.stored(*head["problems"]),
        notes=LineSection.stored(*head["notes"]),
    )


# values as JSON holds them


def _stored_remarks(remarks: Sequence[Problem]) -> list[Any]:
    """Return the remarks in the order of their rows; of one row in the order they were made."""
    return [[one.row, one.column, str(one.message)] for one in sorted(remarks, key=lambda one: one.row)]


_ROW = [field.name for field in fields(ImportRow)]


def _stored_row(row: ImportRow) -> list[Any]:
    values = {name: getattr(row, name) for name in _ROW} | {"steps": [step.stored() for step in row.steps]}
    return list(values.values())


def _row(values: Sequence[Any]) -> ImportRow:
    told = dict(zip(_ROW, values, strict=True))
    for name in ("applied_on", "decided_on"):
        told[name] = date.fromisoformat(told[name]) if told[name] else None
    told["facts"] = {field.name: field.restore(told["facts"].get(field.name)) for field in IMPORTED_FIELDS}
    told["reason"] = RejectionReason(told["reason"]) if told["reason"] else None
    told["result"] = ApplicationResult(told["result"])
    told["tags"] = tuple((TagKind(kind), tag) for kind, tag in told["tags"])
    told["steps"] = tuple(map(ImportedStep.restored, told["steps"]))
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
        tuple(ColumnQuestion(Field(field), tuple(indexes)) for field, indexes in questions),
    )
