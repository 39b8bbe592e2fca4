"""The cells of one row, asked for by field, and whatever is to be said about them."""

import re
from collections.abc import Iterator, Sequence

from flask_babel import lazy_gettext as _l

from relay.intake.columns import ColumnPlan
from relay.intake.fields import MAX_LENGTH, NAMES, TOGETHER, Field
from relay.intake.result import Problem
from relay.intake.steps import StepPart
from relay.text import Sentence, clean, clean_block

_NOTHING = re.compile(r"[-‐－ー―—–*\s'’]*|なし|無し?|n/?a|#n/a|none|null|nil|不明|未記入|未入力|未登録", re.IGNORECASE)
_DASHES = re.compile(r"[-‐－ー―—–*\s'’]*")
_MEANT = NAMES | {Field.REAPPLY}
"""Fields in which 「なし」 is a word like any other."""
_MAX_NOTHING = 8
_AS_TEXT = re.compile(r'="([\d+\-() ]*)"')  # how systems keep a spreadsheet from eating a leading 0


class RowCells:
    """One row being read; `problems` and `notes` gather on the way."""

    def __init__(self, row: int, cells: Sequence[str], plan: ColumnPlan) -> None:
        self.row = row
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._cells = cells
        self._picks = plan.picks
        self._steps = plan.steps
        self._filled: dict[Field, list[tuple[str, str]]] = {}
        for field, picks in plan.picks.items():
            for index, column in picks:
                if value := self._value(field, index):
                    self._filled.setdefault(field, []).append((column, value))

    def filled(self, field: Field) -> list[tuple[str, str]]:
        """Give (column, value) of each cell of a field that says something; 「なし」 and 「-」 say nothing."""
        return self._filled.get(field, [])

    def steps(self) -> dict[str, list[tuple[StepPart, str]]]:
        """Give the filled parts of each step of the selection, steps in the order of their columns."""
        found: dict[str, list[tuple[StepPart, str]]] = {}
        for pick in self._steps:
            if value := self._value(Field.STEP, pick.index):
                found.setdefault(pick.key, []).append((pick.part, value))
        return found

    def everything(self) -> Iterator[tuple[Field, str, str]]:
        """Give (field, column, value) of every cell that is taken and says something."""
        return ((field, column, value) for field, filled in self._filled.items() for column, value in filled)

    def first(self, field: Field) -> tuple[str | None, str]:
        """Give the first filled cell of a field, else the column it should stand in and ''."""
        filled = self._filled.get(field)
        return filled[0] if filled else (self.column(field), "")

    def joined(self, whole: Field, *parts: Field) -> str:
        """Return a value that is in one column, or in parts that are joined by one space."""
        value = self.first(whole)[1]
        return value or " ".join(part for part in (self.first(field)[1] for field in parts) if part)

    def column(self, *fields: Field) -> str | None:
        """Return the header of the first column any of these fields is in."""
        for field in fields:
            if picks := self._picks.get(field):
                return picks[0][1]
        return None

    def columns(self, field: Field) -> list[str]:
        """Return the headers of all columns a field is in."""
        return [header for _index, header in self._picks.get(field, ())]

    def every_cell(self) -> Sequence[str]:
        """Give all cells of the row, those that are not taken among them."""
        return self._cells

    def beyond(self, width: int) -> str:
        """Return what is to the right of the last header."""
        return " ".join(cell.strip() for cell in self._cells[width:] if cell.strip())

    def cut(self, field: Field, value: str, column: str | None) -> str:
        """Give a value no longer than its field holds; where something is lost, a note says so (F-21)."""
        longest = MAX_LENGTH[field]
        if len(value) <= longest:
            return value
        self.note(column, _l("長すぎるため、先頭の%(longest)s文字だけを取り込みます。", longest=f"{longest:,}"))
        return value[:longest].rstrip()

    def problem(self, column: str | None, message: Sentence) -> None:
        """Say what refuses the file."""
        self.problems.append(Problem(self.row, column, message))

    def note(self, column: str | None, message: Sentence) -> None:
        """Say what HR should know; the row is taken all the same."""
        self.notes.append(Problem(self.row, column, message))

    def _value(self, field: Field, index: int) -> str:
        if index >= len(self._cells):
            return ""
        if field in TOGETHER:
            block = clean_block(self._cells[index])
            return "" if len(block) <= _MAX_NOTHING and _DASHES.fullmatch(block) else block
        value = clean(self._cells[index])
        if value.startswith('="') and (as_text := _AS_TEXT.fullmatch(value)):
            value = as_text.group(1).strip()
        if len(value) > _MAX_NOTHING:
            return value
        says_nothing = _DASHES if field in _MEANT else _NOTHING
        return "" if says_nothing.fullmatch(value) else value
