"""What reading a file gives: rows ready to be applied, and everything there is to say about them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from relay.intake.fields import Field
from relay.intake.steps import Step
from relay.models import DecisionReason, Reapply, Status, TagKind
from relay.text import Sentence

End = Status
"""How an application in the file ended; `OPEN` while it is in selection."""


class DropKind(StrEnum):
    """Why a column is not taken."""

    LAW = "law"
    NEED = "need"
    REPEATED = "repeated"
    CHOSEN = "chosen"
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
    name: str
    kana: str
    email: str
    phone: str
    birth_date: date | None
    qualifications: str
    wished_role: str
    reapply: Reapply | None
    position: str
    channel: str
    channel_detail: str
    stage: str
    applied_on: date | None
    decided_on: date | None
    end: End
    reason: DecisionReason | None
    tags: tuple[tuple[TagKind, str], ...]
    memo: str
    steps: tuple[Step, ...] = ()


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

    @property
    def taken(self) -> tuple[TakenColumn, ...]:
        """The columns that are taken, in the order of the file."""
        return tuple(column for column in self.columns if isinstance(column, TakenColumn))

    @property
    def dropped(self) -> tuple[DroppedColumn, ...]:
        """The columns that stay behind, in the order of the file."""
        return tuple(column for column in self.columns if isinstance(column, DroppedColumn))

    @property
    def refused(self) -> bool:
        """Whether the file must not be applied."""
        return bool(self.problems)

    def count(self, end: End) -> int:
        """Give the number of rows that ended so."""
        return sum(row.end is end for row in self.rows)
