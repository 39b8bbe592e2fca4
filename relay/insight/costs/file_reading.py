"""Bytes become sums of months: done in the limited process, which reads a file of a stranger and tells JSON.

Three shapes of table are known by their header row: a row for each sum (月・経路・費目・金額), months as columns, and
channels as columns beside a column of months. Rows and columns of totals are passed over and named. What only a person
can say stays open in the answer: which of several columns of sums is meant (税抜 or 税込), and which kind a word is.
"""

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from flask_babel import lazy_gettext as _l

from relay.insight.costs.file_words import (
    CellProblem,
    CostColumn,
    column_of,
    is_kind,
    is_month,
    is_number,
    is_total,
    kind_of,
    read_month,
    read_year,
    read_yen,
    unit_of,
    unit_said,
)
from relay.insight.costs.months import MAX_CHANNEL, channel_of
from relay.intake.reading import refusals
from relay.intake.reading.grids import FileGrids, Grid, Record, is_blank, open_file, refuse_open_quote
from relay.intake.reading.refusals import MEGABYTE, FileRefused
from relay.intake.rows.days import SheetYear, year_of
from relay.text import Sentence, clean, quoted

MAX_BYTES = 4 * MEGABYTE
MAX_ROWS = 3_000
"""Rows of a table of costs; a year of thirty channels has some hundred."""
MAX_WIDTH = 120
MAX_SUMS = 5_000
MAX_REMARKS = 100
"""So many problems are named; the rest are counted."""
_HEADER_WITHIN = 30
_LOOKED_AT = 60
"""So many rows tell whether a column holds sums."""
_NEUTRAL = (
    refusals.FileEmpty,
    refusals.NotATableFile,
    refusals.WorkbookLocked,
    refusals.WorkbookDamaged,
    refusals.NotDecodable,
    refusals.QuoteNotClosed,
)
"""Refusals of the import whose sentence says nothing of people."""
UNREADABLE: Sentence = _l(
    "このファイルは費用の表として読めません。何も取り込んでいません。"
    "「月」「経路」「費目」「金額」の列がある表だけを新しいファイルに貼り付けて、もう一度お選びください。"
)


class _Refused(Exception):
    def __init__(self, message: Sentence) -> None:
        super().__init__(message)
        self.message = message


@dataclass
class _Told:
    """The sums and remarks that a table turns out to hold."""

    sums: list[list[Any]] = field(default_factory=list)
    """Row, month, the word of its kind, channel, and the yen of each column of sums."""
    problems: list[list[Any]] = field(default_factory=list)
    problem_count: int = 0
    notes: list[list[Any]] = field(default_factory=list)

    def problem(self, row: int, column: str, message: Sentence) -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_REMARKS:
            self.problems.append([row, column, str(message)])

    def note(self, row: int, column: str, message: Sentence) -> None:
        if len(self.notes) < MAX_REMARKS:
            self.notes.append([row, column, str(message)])

    def add(self, row: int, month: date, kind: str, channel: str, yen: Sequence[int | None]) -> None:
        if len(self.sums) >= MAX_SUMS:
            message = _l(
                "このファイルには金額が%(most)s件を超えてあります。何も取り込んでいません。", most=f"{MAX_SUMS:,}"
            )
            raise _Refused(message)
        if not kind and is_kind(channel):
            kind, channel = channel, ""
        self.sums.append([row, month.isoformat(), kind, channel, list(yen)])


@dataclass(frozen=True)
class _Table:
    """A grid with the header row that was found in it."""

    grid: Grid
    header_row: int
    header: tuple[str, ...]
    above: tuple[tuple[str, ...], ...]
    """The rows above the header, the nearest last."""
    columns: dict[CostColumn, int]
    sums: tuple[int, ...]
    months: tuple[int, ...]
    channels: tuple[int, ...]

    @property
    def score(self) -> int:
        return len(self.columns) + len(self.sums) + len(self.months) + len(self.channels)

    @property
    def titles(self) -> list[str]:
        return [cell for row in self.above for cell in row if cell.strip()] + [self.grid.sheet]

    def cell(self, cells: Sequence[str], column: CostColumn) -> str:
        place = self.columns.get(column)
        return cells[place].strip() if place is not None and place < len(cells) else ""


def read(files: Sequence[IO[bytes]], *, sheet: str) -> dict[str, Any]:
    """Read the costs of a file; `sheet` names one of several of a workbook. Returns what it holds, or why nothing."""
    [sent] = files
    try:
        file = open_file(sent.read(), max_bytes=MAX_BYTES)
        table = _table_of(file, sheet)
        told = _read(table)
        if file.hides_rows:
            told.note(0, "", _l("このブックには隠れている行があります。隠れている行も読みました。"))
        return _told(table, told)
    except _NEUTRAL as refused:
        return {"refused": str(refused)}
    except (FileRefused, csv.Error):
        return {"refused": str(UNREADABLE)}
    except _Refused as refused:
        return {"refused": str(refused.message)}


def _told(table: _Table, told: _Told) -> dict[str, Any]:
    if not told.sums and not told.problem_count:
        raise _Refused(_l("このファイルには、金額の書かれた行がありません。何も取り込んでいません。"))
    used = {*table.columns.values(), *table.sums, *table.months, *table.channels}
    dropped = [cell for place, cell in enumerate(table.header) if place not in used and cell and not is_total(cell)]
    words = dict.fromkeys(entry[2] or entry[3] for entry in told.sums)
    return {
        "sums": told.sums,
        "problems": told.problems,
        "problem_count": told.problem_count,
        "notes": told.notes,
        "amounts": [quoted(table.header[place]) for place in table.sums],
        "kinds": {word: kind.value if (kind := kind_of(word)) else "" for word in words},
        "dropped": [quoted(name) for name in dropped],
        "sheet": table.grid.sheet,
        "header_row": table.header_row,
    }


# where the table is


def _table_of(file: FileGrids, sheet: str) -> _Table:
    """Return the table of costs. Raises _Refused where there is none, or more than one sheet holds one."""
    grids = [grid for grid in file.grids if not grid.hidden]
    if sheet:
        grids = [grid for grid in grids if grid.sheet.strip() == sheet]
        if not grids:
            raise _Refused(_l("「%(name)s」というシートはありません。何も取り込んでいません。", name=quoted(sheet)))
    found = [table for grid in grids if (table := _header_in(grid)) is not None]
    if not found:
        raise _Refused(UNREADABLE)
    sheets = [table.grid.sheet for table in found if table.grid.sheet]
    if len(sheets) > 1:
        raise _Refused(
            _l(
                "費用の表のあるシートが2枚以上あります（%(sheets)s）。何も取り込んでいません。"
                "「シートの名前」に1枚を入力して、もう一度お選びください。",
                sheets="".join(f"「{quoted(name)}」" for name in sheets[:10]),
            )
        )
    best = max(found, key=lambda table: table.score)
    if best.grid.delimiter:
        refuse_open_quote(file.text, best.grid.delimiter)
    return best


def _header_in(grid: Grid) -> _Table | None:
    """Return the table below the row that reads best as a header, if any does."""
    best: _Table | None = None
    above: list[tuple[str, ...]] = []
    for row, cells in _first(grid.records()):
        table = _as_header(grid, row, tuple(cell.strip() for cell in cells), tuple(above))
        if table is not None and (best is None or table.score > best.score):
            best = table
        above.append(tuple(cells))
    return best


def _first(records: Iterable[Record]) -> Iterator[Record]:
    try:
        for row, cells in records:
            if row > _HEADER_WITHIN:
                return
            yield row, cells[:MAX_WIDTH]
    except csv.Error:
        return


def _as_header(grid: Grid, row: int, header: tuple[str, ...], above: tuple[tuple[str, ...], ...]) -> _Table | None:
    columns: dict[CostColumn, int] = {}
    sums: list[int] = []
    for place, cell in enumerate(header):
        named = column_of(cell) if cell else None
        if named is CostColumn.SUM:
            sums.append(place)
        elif named is not None:
            columns.setdefault(named, place)
    months = [place for place, cell in enumerate(header) if cell and is_month(cell)]
    labels = {place for column, place in columns.items() if column in (CostColumn.CHANNEL, CostColumn.KIND)}
    if CostColumn.MONTH in columns and sums and (labels or any(kind_of(header[place]) is None for place in sums)):
        return _Table(grid, row, header, above, columns, tuple(sums), (), ())
    if len(months) > 1 or (months and labels):
        return _Table(grid, row, header, above, _with_label(columns, months, header), (), tuple(months), ())
    if CostColumn.MONTH in columns and not labels:
        own = {columns[CostColumn.MONTH], columns.get(CostColumn.YEAR, -1)}
        channels = tuple(place for place in _columns_of_sums(grid, row, header) if place not in own)
        if channels:
            return _Table(grid, row, header, above, columns, (), (), channels)
    return None


def _columns_of_sums(grid: Grid, header_row: int, header: Sequence[str]) -> list[int]:
    """Return the columns named by anything but a total or a number, in which sums are and little else."""
    named = [place for place, cell in enumerate(header) if cell and not is_total(cell) and not is_number(cell)]
    good, bad = Counter[int](), Counter[int]()
    for _row, cells in itertools.islice(_below(grid, header_row), _LOOKED_AT):
        for place in named:
            try:
                good[place] += read_yen(cells[place] if place < len(cells) else "") is not None
            except CellProblem:
                bad[place] += 1
    return [place for place in named if good[place] and good[place] >= bad[place]]


def _below(grid: Grid, header_row: int) -> Iterator[Record]:
    return ((row, cells) for row, cells in grid.records() if row > header_row and not is_blank(cells))


def _with_label(columns: dict[CostColumn, int], months: Sequence[int], header: Sequence[str]) -> dict[CostColumn, int]:
    """Return the columns of a table with months on top; a column without a header left of them is the channel."""
    if CostColumn.CHANNEL in columns or CostColumn.KIND in columns or months[0] == 0:
        return columns
    return columns | {CostColumn.CHANNEL: months[0] - 1}


# what it holds


def _read(table: _Table) -> _Told:
    told, year = _Told(), year_of(table.titles)
    months = _months_on_top(table, year, told)
    for seen, (row, cells) in enumerate(_below(table.grid, table.header_row), start=1):
        if seen > MAX_ROWS:
            raise _Refused(
                _l(
                    "このファイルの表は%(most)s行を超えています。何も取り込んでいません。年ごとに分けて、もう一度お選びください。",
                    most=f"{MAX_ROWS:,}",
                )
            )
        texts = [cell.strip() for cell in cells[:MAX_WIDTH]]
        if tuple(texts) == table.header:
            continue
        if _is_total(table, texts):
            told.note(row, "", _l("合計の行のため、読みませんでした。"))
        elif table.months:
            _wide(table, row, texts, months, told)
        else:
            _long(table, row, texts, year, told)
    for place, cell in enumerate(table.header):
        if is_total(cell) and not table.sums and place not in table.columns.values():
            told.note(table.header_row, quoted(cell), _l("合計の列のため、読みませんでした。"))
    return told


def _is_total(table: _Table, cells: Sequence[str]) -> bool:
    """Return whether one of the cells that say what a row is names a total; in the first columns where none does."""
    said = [cells[place] for place in table.columns.values() if place < len(cells)]
    return any(map(is_total, [*said, *cells[: min([*table.sums, *table.months, *table.channels])]]))


def _long(table: _Table, row: int, cells: list[str], year: SheetYear | None, told: _Told) -> None:
    """Read a row of which the month is a cell; channels as columns give a sum each."""
    places = table.sums or table.channels
    yen = [_sum(table, row, cells, place, told) for place in places]
    if not any(each is not None for each in yen):
        return
    month = _month_of_row(table, row, cells, year, told)
    kind, channel = table.cell(cells, CostColumn.KIND), _channel(table, row, cells, told)
    if month is None or channel is None:
        return
    if table.sums:
        told.add(row, month, clean(kind), channel, [None if each is _BAD else each for each in yen])
        return
    for place, each in zip(places, yen, strict=True):
        if each is not None and each is not _BAD:
            name = channel_of(table.header[place])
            told.add(row, month, "", name[:MAX_CHANNEL], [each])


def _months_on_top(table: _Table, year: SheetYear | None, told: _Told) -> dict[int, date]:
    """Return the month of each column that is one; of those that cannot be read the header is named once."""
    found = {}
    for place in table.months:
        name = table.header[place]
        month = _month(name, _year_above(table, place) or year, table.header_row, name, told)
        if month is not None:
            found[place] = month
    return found


def _wide(table: _Table, row: int, cells: list[str], months: Mapping[int, date], told: _Told) -> None:
    """Read a row with a sum for each month."""
    kind, channel = table.cell(cells, CostColumn.KIND), _channel(table, row, cells, told)
    for place, month in months.items():
        yen = _sum(table, row, cells, place, told)
        if yen is not None and yen is not _BAD and channel is not None:
            told.add(row, month, clean(kind), channel, [yen])


def _year_above(table: _Table, place: int) -> SheetYear | None:
    """Return the year that the row above the months names, at this column or left of it."""
    if not table.above:
        return None
    for cell in reversed(table.above[-1][: place + 1]):
        if (found := read_year(cell)) is not None:
            return found
    return None


def _month_of_row(table: _Table, row: int, cells: Sequence[str], year: SheetYear | None, told: _Told) -> date | None:
    name = table.header[table.columns[CostColumn.MONTH]]
    if CostColumn.YEAR in table.columns:
        head = table.header[table.columns[CostColumn.YEAR]]
        year = read_year(table.cell(cells, CostColumn.YEAR), head) or year
    typed = table.cell(cells, CostColumn.MONTH)
    if not typed:
        told.problem(row, name, _l("金額がありますが、月が空欄です。月を入力してください。"))
        return None
    return _month(typed, year, row, name, told)


def _month(typed: str, year: SheetYear | None, row: int, name: str, told: _Told) -> date | None:
    try:
        return read_month(typed, year)
    except CellProblem as problem:
        told.problem(row, quoted(name), problem.message)
        return None


_BAD = -1


def _sum(table: _Table, row: int, cells: Sequence[str], place: int, told: _Told) -> int | None:
    """Return the yen of a cell, None where it is empty, _BAD where it is a problem."""
    name = table.header[place]
    unit = unit_of(name) or unit_said(table.titles)
    try:
        return read_yen(cells[place] if place < len(cells) else "", unit)
    except CellProblem as problem:
        told.problem(row, quoted(name), problem.message)
        return _BAD


def _channel(table: _Table, row: int, cells: Sequence[str], told: _Told) -> str | None:
    """Return the channel of a row, '' where it names none."""
    channel = channel_of(table.cell(cells, CostColumn.CHANNEL))
    if len(channel) > MAX_CHANNEL:
        told.problem(row, "", _l("経路は、100文字以内で入力してください。"))
        return None
    return channel
