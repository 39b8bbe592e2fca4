"""The outcome of reading a file: its columns, taken or left behind, its rows, and all there is to say of them.

`RowCells` is one row while it is being read.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from relay.intake.fields import MAX_LENGTH, NAMES, TOGETHER, DropKind, Field
from relay.intake.rows.days import AS_FORMS, DayStyle
from relay.intake.rows.words import ImportedStep, StepPart, StepPick
from relay.models import ApplicationResult, RejectionReason, TagKind
from relay.text import (
    Sentence,
    clean,
    clean_block,
    is_clean,
    quoted,
    sensitive_words,
)


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
class ColumnQuestion:
    """A field that two columns match equally, or one possibly; HR chooses the column."""

    field: Field
    columns: tuple[int, ...]


Pick = tuple[int, str]


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """The place of each fact in a row, and what becomes of every column."""

    picks: dict[Field, tuple[Pick, ...]]
    steps: tuple[StepPick, ...]
    columns: tuple[TakenColumn | DroppedColumn, ...]
    questions: tuple[ColumnQuestion, ...] = ()
    """What HR has to say before anybody is read."""
    by_cells: tuple[str, ...] = ()
    """Columns that are the result for what stands in them, under a header that nobody knows."""


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
    told: bool | None = None
    """Whether the person heard of the result, where the row says so."""
    consented: bool | None = None
    """Whether the person agreed to be kept beyond the selection, where the row says so."""

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


WORD, ROW = "word:", "row:"
"""What precedes a word for a result, or the number of a row, in what HR said of a file; no key of a column has it."""
MAX_WORD = 30
"""Longer texts are no words to be asked about."""


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
    strange: tuple[tuple[str, int], ...] = ()
    """Words for results that nobody knows, and in how many rows; HR is asked what they mean."""

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
        field.name
        for field in fields(later)
        if field.name not in _OF_THE_RESULT
        and not getattr(later, field.name)
        and getattr(later, field.name) is not False
    ]
    facts = {name: value or earlier.facts[name] for name, value in later.facts.items()}
    return replace(later, **kept, **{name: getattr(earlier, name) for name in silent}, facts=facts)


_NOTHING = re.compile(r"[-‐－ー―—–*\s'’]*|なし|無し?|n/?a|#n/a|none|null|nil|不明|未記入|未入力|未登録", re.IGNORECASE)
_DASHES = re.compile(r"[-‐－ー―—–*\s'’]*")
_MEANT = NAMES | TOGETHER | {Field.REAPPLY}
"""Fields in which 「なし」 is a word like any other."""
_MAX_NOTHING = 8
_AS_TEXT = re.compile(r'="([\d+\-() ]*)"')  # how systems keep a spreadsheet from eating a leading 0


_MARKS = ("'", "’", '="')
"""How `_GUARDED` and `_AS_TEXT` begin."""
_GUARDED = re.compile("^['’](?=[=+@＝＋－＠0-9-])")
"""The apostrophe by which a spreadsheet, or Relay itself, keeps a cell from being calculated (E-16)."""
_MAIL_WITHIN = re.compile(r"[^\s@、,;/|()<>:]+@[A-Za-z0-9.-]+[A-Za-z0-9]")
_DIGITS_OF_A_NUMBER = 9


_LOST_IN_NAME = re.compile("[?？\ufffd〓]")
_LOOKS_ODD = re.compile("[=＝?？\ufffd〓]")
"""What a row holds of which some cell is noted: looked for once, since most rows hold none."""


class RowCells:
    """One row being read; `problems` and `notes` gather on the way."""

    def __init__(self, row: int, cells: Sequence[str], plan: ColumnPlan, days: DayStyle = AS_FORMS) -> None:
        self.row = row
        self.days = days
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.strange: list[str] = []
        """Words for results that are not known."""
        self._cells = cells
        self._picks = plan.picks
        self._steps = plan.steps
        together = " ".join(cells)
        self._is_plain = is_clean(together) and not any(mark in together for mark in _MARKS)
        """Whether every cell is what it says: looked for once, since most rows are (bench: relay import)."""
        self.reasons: list[tuple[str, str]] | None = None
        """What `facts.read_reasons` found, which several facts ask for."""
        self._filled: dict[Field, list[tuple[str, str]]] = {}
        for field, picks in plan.picks.items():
            for index, column in picks:
                if value := self._value(field, index):
                    self._filled.setdefault(field, []).append((column, value))
        for column, value in self._filled.get(Field.CONTACT, ()):
            self._take_apart(column, value)

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

    def note_looks(self, *, width: int) -> None:
        """Note cells that begin like a formula, characters the file lost, and cells right of the last header."""
        looks_odd = _LOOKS_ODD.search("\x00".join(self.every_cell()))
        for field, column, typed in self.everything() if looks_odd else ():
            if typed.startswith(("=", "＝")):
                self.note(
                    column,
                    _l("「%(typed)s」は「=」で始まります。計算せず、文字のまま取り込みます。", typed=quoted(typed)),
                )
            if "\ufffd" in typed or (field in NAMES and _LOST_IN_NAME.search(typed)):
                self.note(
                    column,
                    _l(
                        "「%(typed)s」には、書き出しのときに失われた文字があるようです。正しい字を確認してください。",
                        typed=quoted(typed),
                    ),
                )
        if beyond := self.beyond(width):
            self.note(
                None,
                _l(
                    "見出しより列の多い行です。はみ出した「%(beyond)s」は取り込みません。区切りの位置を確認してください。",
                    beyond=quoted(beyond),
                ),
            )

    def note_sensitive(self, *fields: Field) -> None:
        """Note words that the law keeps out, in any of these fields (A-22)."""
        for field in fields:
            for column, typed in self.filled(field):
                if words := sensitive_words(typed):
                    self.note(
                        column,
                        _l(
                            "%(words)sという言葉があります。選考に要らない情報なら、取り込む前にファイルから削除してください。",
                            words="".join(f"「{word}」" for word in words),
                        ),
                    )

    def _take_apart(self, column: str, value: str) -> None:
        """Give an address and a number that share a cell to the fields they are."""
        text = unicodedata.normalize("NFKC", value)
        for mail in _MAIL_WITHIN.findall(text):
            self._filled.setdefault(Field.EMAIL, []).append((column, mail))
        rest = clean(_MAIL_WITHIN.sub(" ", text)).strip(" /,、;|")
        if sum(map(str.isdigit, rest)) >= _DIGITS_OF_A_NUMBER:
            self._filled.setdefault(Field.PHONE, []).append((column, rest))

    def _value(self, field: Field, index: int) -> str:
        if index >= len(self._cells):
            return ""
        cell = self._cells[index]
        value = cell.strip() if self._is_plain else _cleaned(field, cell)
        if len(value) > _MAX_NOTHING:
            return value
        says_nothing = _DASHES if field in _MEANT else _NOTHING
        return "" if says_nothing.fullmatch(value) else value


def _cleaned(field: Field, cell: str) -> str:
    if field in TOGETHER:
        return clean_block(cell)
    value = clean(cell)
    if value.startswith(("'", "’")):
        value = _GUARDED.sub("", value)
    if value.startswith('="') and (as_text := _AS_TEXT.fullmatch(value)):
        value = as_text.group(1).strip()
    return value
