"""From a file to a table: delimiter, sheet and header row are found; HR may say another sheet or header row.

Row numbers are those a spreadsheet shows: one per record, blank ones and everything above the header included.
"""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from relay.intake.reading import refusals
from relay.intake.reading.grids import FileGrids, Grid, Record, is_blank, open_file, refuse_open_quote
from relay.intake.reading.refusals import MAX_BYTES, MAX_COLUMNS
from relay.intake.reading.sources import FORMATS, SHEET, SOURCES, ImportSource, are_headings, is_split, names_people

HEADER_WITHIN = 30
"""Rows of a sheet among which its headers are looked for."""
_LAST = re.compile("^(最終)$")
"""A step in this place; 最終 合否 alone would be the result of the whole."""
_GROUPS = 2
"""From so many titles above a header on they are those of groups; a single one is the title of the sheet."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file the table is; what is 0 is not said, and found."""

    sheet: int = 0
    """Its number among those that hold something, visible ones first."""
    header_row: int = 0


NOT_SAID = Place()


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """Where a file's table is by the name of its sheet; '' and 0 are found."""

    sheet: str = ""
    header_row: int = 0


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file as rows and columns; `rows` leaves blank records out but keeps everyone's number."""

    source: ImportSource
    encoding: str
    delimiter: str
    header_row: int
    header: tuple[str, ...]
    rows: tuple[Record, ...]
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    hides_rows: bool = False
    other_people: tuple[str, ...] = ()
    """Visible sheets beside the one that was read that hold people too."""
    is_hidden: bool = False
    """Whether the sheet that was read is hidden; only where no visible one holds a table."""
    since_1904: bool = False
    """Whether numbers of days count from 1904, as Excel did on a Macintosh."""
    second_row: int = 0
    """The row below the header that goes on with it; 0 where there is none."""
    titles: tuple[str, ...] = ()
    """What is above the header: 2026年度 応募者一覧."""


def read_table(
    data: bytes,
    *,
    format: str | None = None,
    max_rows: int | None = None,
    max_bytes: int = MAX_BYTES,
    lenient: bool = False,
    named: NamedPlace | None = None,
) -> FileTable:
    """Read a file into rows. Raises a FileRefused that says why where that is impossible.

    With `named` nothing is taken from one of several sheets that hold people until one of them is named.
    """
    file = open_file(data, max_bytes=max_bytes)
    place = NOT_SAID if named is None else Place(_number_of(file, named.sheet), named.header_row)
    _grid, table = find_table(file, place=place, format=format, max_rows=max_rows, lenient=lenient)
    if named is not None and table.other_people:
        raise refusals.SeveralSheets((table.sheet, *table.other_people))
    return table


def _number_of(file: FileGrids, name: str) -> int:
    """Return the number of a sheet by its name, 0 without one. Raises UnknownSheet."""
    sheets = [grid.sheet for grid in file.grids if grid.sheet]
    found = [number for number, sheet in enumerate(sheets, start=1) if sheet.strip() == name.strip()]
    if name and not found:
        raise refusals.UnknownSheet(name, sheets)
    return found[0] if found else 0


def find_table(
    file: FileGrids,
    *,
    place: Place = NOT_SAID,
    format: str | None = None,
    max_rows: int | None = None,
    lenient: bool = False,
) -> tuple[Grid, FileTable]:
    """Find the table of people in a file, and the grid it is in. Raises a FileRefused where there is none.

    With `lenient` a table in which no column is known to hold names is read too: HR may say which one does.
    """
    sources = _sources(format)
    grid, source, header_row, also = _choose(_placed(file, place), sources, lenient=lenient)
    if place.header_row:
        source, header_row = _source_of(grid, sources, place.header_row), place.header_row
    if grid.delimiter:
        refuse_open_quote(file.text, grid.delimiter)
    header, rows, count = _filled(grid, header_row, max_rows)
    second_row = header_row + 1 if rows and rows[0][0] == header_row + 1 and _goes_on(header, rows[0][1]) else 0
    if second_row:
        header, rows, count = _together(header, rows[0][1]), rows[1:], count - 1
    if not rows:
        raise refusals.HeaderOnly(header_row=header_row)
    if count > len(rows):
        raise refusals.TooManyRows(rows=count, limit=len(rows))
    others = tuple(other.sheet for other in file.grids if other is not grid and other.sheet)
    found = (grid.sheet, others, file.hides_rows, also, grid.hidden, file.since_1904) if grid.sheet else ()
    told = (source, file.encoding, grid.delimiter, header_row, tuple(header), tuple(rows))
    return grid, replace(FileTable(*told, *found), second_row=second_row, titles=tuple(_titles(grid, header_row)))


def first_rows(grid: Grid) -> list[Record]:
    """Return the first rows, among which the headers are."""
    try:
        first = itertools.takewhile(lambda record: record[0] <= HEADER_WITHIN, grid.records())
        return [(row, cells[:MAX_COLUMNS]) for row, cells in first]
    except csv.Error:
        return []


def _titles(grid: Grid, header_row: int) -> Iterator[str]:
    return (cell for row, cells in first_rows(grid) if row < header_row for cell in cells if cell.strip())


def _sources(format: str | None) -> Sequence[ImportSource]:
    if format is None:
        return SOURCES
    chosen = [source for source in SOURCES if source.name == format]
    if not chosen:
        raise refusals.UnknownFormat(format, FORMATS)
    return chosen


def _placed(file: FileGrids, place: Place) -> Sequence[Grid]:
    """Return the grids that come into question."""
    return file.grids[place.sheet - 1 : place.sheet] if place.sheet else file.grids


def _source_of(grid: Grid, sources: Sequence[ImportSource], header_row: int) -> ImportSource:
    """Return the source that reads this row best as its header."""
    cells = next((cells for row, cells in first_rows(grid) if row == header_row), [])
    signing = [source for source in sources if len(sources) == 1 or source.signs(cells)] or [sources[-1]]
    return max(signing, key=lambda source: source.score(cells))


def _choose(
    grids: Sequence[Grid], sources: Sequence[ImportSource], *, lenient: bool
) -> tuple[Grid, ImportSource, int, tuple[str, ...]]:
    """Give grid, source and row of the header, and the visible sheets beside it that hold people too.

    A hidden sheet comes into question only where no visible one holds a table. Raises NotATable, NoNameColumn.
    """
    shown = [grid for grid in grids if not grid.hidden]
    for some in filter(None, (shown, [grid for grid in grids if grid.hidden])):
        heads = [first_rows(grid) for grid in some]
        found = [
            best
            for grid, head in zip(some, heads, strict=True)
            if (best := _find_header(grid, head, sources)) is not None
        ]
        peopled = [best for best in found if _has_people(first_rows(best[1]), best)]
        if found:
            best = max(peopled or found, key=lambda each: each[0])
            also = [each[1].sheet for each in peopled if each is not best and each[1].sheet]
            return *best[1:], () if best[1].hidden else tuple(also)
        grid, row, widest = _widest_row(some, heads)
        if sum(bool(cell.strip()) for cell in widest) > 1:
            if not lenient:
                raise refusals.NoNameColumn(widest)
            return grid, sources[-1], row, ()
    raise refusals.NotATable


def _has_people(head: Sequence[Record], found: tuple[int, Grid, ImportSource, int]) -> bool:
    """Tell whether a header names two things at least and has rows below it; a line of 使い方 does not."""
    score, _grid, _source, header_row = found
    return score > 1 and any(row > header_row and not is_blank(cells) for row, cells in head)


def _find_header(
    grid: Grid, head: list[Record], sources: Sequence[ImportSource]
) -> tuple[int, Grid, ImportSource, int] | None:
    """Give score, grid, source and number of the row that reads best as a header; of two below each other, the lower.

    Where a sheet has its titles merged over two rows, the lower one names more.
    """
    best: tuple[int, Grid, ImportSource, int] | None = None
    for source in sources:
        for row, cells in head:
            score = source.score(cells) if len(sources) == 1 or source.signs(cells) else 0
            below = best is not None and score == best[0] and best[1:] == (grid, source, row - 1)
            if score and (best is None or score > best[0] or below):
                best = (score, grid, source, row)
    if best is None and SHEET in sources:
        scores = [names_people(cells, SHEET) for _row, cells in head]
        if any(scores):
            return max(scores), grid, SHEET, head[scores.index(max(scores))][0]
    return best


def _widest_row(grids: Sequence[Grid], heads: list[list[Record]]) -> tuple[Grid, int, list[str]]:
    """Return the first of the rows with most filled cells: the header, if any is one."""
    rows = [(grid, row, cells) for grid, records in zip(grids, heads, strict=True) for row, cells in records] or [
        (grids[0], 1, [])
    ]
    return max(rows, key=lambda each: sum(bool(cell.strip()) for cell in each[2]))


def _filled(grid: Grid, header_row: int, max_rows: int | None) -> tuple[list[str], list[Record], int]:
    """Give the header, the records below it that hold something, and how many of those there are.

    No more are held in memory than may be taken: ten megabytes of line breaks are ten million records. A header that
    is repeated further down, as on printed pages, is nobody.
    """
    header: list[str] = []
    above: list[str] = []
    rows: list[Record] = []
    count = 0
    try:
        for row, cells in grid.records():
            if len(cells) > MAX_COLUMNS:
                _refuse_far_right(cells, grid.sheet)
            if row < header_row:
                above = cells[:MAX_COLUMNS] if row == header_row - 1 else []
            elif row == header_row:
                header = cells[:MAX_COLUMNS]
            elif not is_blank(cells) and cells[:MAX_COLUMNS] != header:
                count += 1
                if max_rows is None or count <= max_rows:
                    rows.append((row, cells))
    except csv.Error as error:
        raise refusals.NotATable from error
    return _below(above, header), rows, count


def _below(above: Sequence[str], header: Sequence[str]) -> list[str]:
    """Put the title of a group before the headers below it that occur again: 一次面接 over 日付 and 合否.

    A title holds for the columns right of it, up to the next one; over none it is the header itself. A word that is
    split over both is put together: 応募 over 日.
    """
    header = [
        _at(above, index) + cell if is_split(_at(above, index), cell) else cell for index, cell in enumerate(header)
    ]
    seen = Counter(cell.strip() for cell in header if cell.strip())
    titled = [above[index].strip() if index < len(above) else "" for index in range(len(header))]
    if sum(map(bool, titled)) < _GROUPS:
        return list(header)
    group, groups = "", []
    for title in titled:
        group = _LAST.sub(r"\1選考", title) or group
        groups.append(group)
    return [
        f"{group} {cell.strip()}" if group and seen[cell.strip()] > 1 else cell if cell.strip() else title
        for group, cell, title in zip(groups, header, titled, strict=True)
    ]


def _goes_on(header: Sequence[str], below: Sequence[str]) -> bool:
    """Tell whether a row goes on with the headers above it: 姓 and 名 below a merged 氏名, 日 below 応募."""
    whole = [cell for index, cell in enumerate(below) if not is_split(_at(header, index), cell)]
    under_none = any(cell.strip() and not _at(header, index) for index, cell in enumerate(below))
    goes_on = under_none and sum(bool(cell.strip()) for cell in below) > 1
    return (goes_on or len(whole) < len(below)) and are_headings(whole)


def _together(header: Sequence[str], below: Sequence[str]) -> list[str]:
    """Put the header above before each of those below it; it holds up to the next one."""
    title, found = "", []
    for index in range(max(len(header), len(below))):
        title = _at(header, index) or title
        own = _at(below, index)
        if is_split(_at(header, index), own):
            found.append(_at(header, index) + own)
        elif own and not _at(header, index).endswith(own):
            found.append(f"{title} {own}".strip())
        else:
            found.append(_at(header, index))
    return found


def _at(cells: Sequence[str], index: int) -> str:
    return cells[index].strip() if index < len(cells) else ""


def _refuse_far_right(cells: list[str], sheet: str) -> None:
    """Cut away what is empty beyond the last column there may be. Raises TooManyColumns where it is not empty."""
    if not is_blank(cells[MAX_COLUMNS:]):
        raise refusals.TooManyColumns(limit=MAX_COLUMNS, sheet=sheet)
    del cells[MAX_COLUMNS:]
