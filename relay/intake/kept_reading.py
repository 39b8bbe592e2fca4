"""The reading of a file that waits, on the disk: rows and remarks, and what is to be said of the whole.

The limited process writes it; only JSON comes back from there (relay.intake.kept_lines).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import IO, Any

from relay.intake import kept_lines
from relay.intake.assignment import ColumnQuestion
from relay.intake.fields import Field
from relay.intake.kept_lines import LineSection
from relay.intake.mapping import Column, Shape
from relay.intake.plan import checked_words
from relay.intake.result import DropKind, DroppedColumn, ImportRow, Problem, Reading, TakenColumn
from relay.intake.steps import ImportedStep
from relay.models import ApplicationResult, RejectionReason, TagKind
from relay.models.candidate_fields import IMPORTED_FIELDS

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
        return [_row(values) for values in kept_lines.page(self.path, self.rows, page)]

    def page_of_problems(self, page: int = 1) -> list[Problem]:
        """Fifty of what is to be put right."""
        return [Problem(*values) for values in kept_lines.page(self.path, self.problems, page)]

    def page_of_notes(self, page: int = 1) -> list[Problem]:
        """Fifty of what is only worth knowing."""
        return [Problem(*values) for values in kept_lines.page(self.path, self.notes, page)]

    def every_problem(self) -> Iterator[Problem]:
        """Yield all problems, one after the other."""
        return (Problem(*values) for values in kept_lines.every(self.path, self.problems))

    def every_note(self) -> Iterator[Problem]:
        """Yield all notes, one after the other."""
        return (Problem(*values) for values in kept_lines.every(self.path, self.notes))

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
            rows=tuple(map(_row, kept_lines.every(self.path, self.rows))),
            problems=tuple(self.every_problem()),
            notes=tuple(self.every_note()),
            warnings=self.warnings,
        )


def write(reading: Reading | None, shape: Shape, goal: IO[bytes]) -> None:
    """Write what was read to an empty file; without a reading no column holds names, and only the columns are kept."""
    lines = kept_lines.LineWriter(goal)
    rows, problems, notes = (reading.rows, reading.problems, reading.notes) if reading else ((), (), ())
    results = {result.value: sum(row.result is result for row in rows) for result in ApplicationResult}
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
        "ends": {result: count for result, count in results.items() if count},
        "worded": len(worded),
        "worded_rows": worded[:SHOWN_ROWS],
        "layout": _ROW,
        "rows": lines.section(map(_stored_row, rows)),
        "problems": lines.section(_stored_remarks(problems)),
        "notes": lines.section(_stored_remarks(notes)),
    }
    lines.finish(head)


def open_at(path: Path) -> KeptReading:
    """Give the reading that was written to this file, without its rows.

    Raises FileNotFoundError for one that another version of Relay wrote: the file is brought again.
    """
    head = kept_lines.head_of(path)
    if head.get("layout") != _ROW:
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
