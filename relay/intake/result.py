"""The result of reading a file: rows ready to be applied, and everything there is to say about them."""

from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from relay.intake.fields import Field
from relay.intake.steps import ImportedStep
from relay.models import ApplicationResult, RejectionReason, TagKind
from relay.text import Sentence

"""How an application in the file ended; `OPEN` while it is in selection."""


class DropKind(StrEnum):
    """Why a column is not taken."""

    LAW = "law"
    NEED = "need"
    REPEATED = "repeated"
    CHOSEN = "chosen"
    OTHER = "other"
    """It is another party's: メールアドレス（エージェント）."""
    ASKED = "asked"
    """HR has to say what it is."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one row; `row` is the line as a spreadsheet shows it, `column` None for the whole row."""

    row: int
    column: str | None
    message: Sentence

    def as_json(self) -> dict[str, int | str | None]:
        """Give the object of the import's JSON contract, in the language of the moment."""
        return {"row": self.row, "column": self.column, "message": str(self.message)}


@dataclass(frozen=True, slots=True)
class TakenColumn:
    """A column of the file and what it is taken as."""

    name: str
    field: Field
    index: int = 0


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column of the file that is left behind, and why."""

    name: str
    kind: DropKind
    reason: Sentence
    index: int = 0


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One application of one person as the file states it; what the file does not say is '' or None."""

    row: int
    source_id: str | None
    """What the source calls the application."""
    facts: dict[str, Any]
    """What it says of the person, by the names of IMPORTED_FIELDS, as it would be stored."""
    position: str
    channel: str
    channel_detail: str
    stage: str
    applied_on: date | None
    decided_on: date | None
    result: ApplicationResult
    reason: RejectionReason | None
    tags: tuple[tuple[TagKind, str], ...]
    memo: str
    steps: tuple[ImportedStep, ...] = ()
    person_id: str = ""
    """What the source calls the person, whatever they applied for."""
    result_said: bool = False
    """Whether the row says how the application stands; an empty cell does not."""

    @property
    def name(self) -> str:
        """Return the name, without what was written around it."""
        return str(self.facts["name"])

    @property
    def email(self) -> str:
        """Return the address; '' where none can be used."""
        return str(self.facts["email"])

    @property
    def phone(self) -> str:
        """Return the number as digits or E.164."""
        return str(self.facts["phone"])


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file, read. Problems refuse it; notes do not."""

    filename: str
    format: str
    encoding: str
    delimiter: str
    header_row: int
    sheet: str
    fingerprint: str
    columns: tuple[TakenColumn | DroppedColumn, ...]
    row_count: int
    rows: tuple[ImportRow, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    """What concerns the whole file and comes before everything else: no result column, another sheet of people."""

    @property
    def taken(self) -> tuple[TakenColumn, ...]:
        """Return the columns that are taken, in the order of the file."""
        return tuple(column for column in self.columns if isinstance(column, TakenColumn))

    @property
    def dropped(self) -> tuple[DroppedColumn, ...]:
        """Return the columns that stay behind, in the order of the file."""
        return tuple(column for column in self.columns if isinstance(column, DroppedColumn))

    @property
    def refused(self) -> bool:
        """Return whether the file must not be applied."""
        return bool(self.problems)

    def count(self, result: ApplicationResult) -> int:
        """Give the number of rows that ended so."""
        return sum(row.result is result for row in self.rows)


_OF_THE_RESULT = ("result", "result_said", "decided_on", "reason")


def after(earlier: ImportRow, later: ImportRow) -> ImportRow:
    """Return the later of two rows about one application; where it says nothing, the earlier's value is kept."""
    kept = {} if later.result_said else {name: getattr(earlier, name) for name in _OF_THE_RESULT}
    silent = [
        field.name for field in fields(later) if field.name not in _OF_THE_RESULT and not getattr(later, field.name)
    ]
    facts = {name: value or earlier.facts[name] for name, value in later.facts.items()}
    return replace(later, **kept, **{name: getattr(earlier, name) for name in silent}, facts=facts)
