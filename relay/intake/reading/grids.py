"""From a file to its grids: a CSV file by each delimiter it may have, a workbook by its sheets.

Row numbers are those a spreadsheet shows: one per record, blank ones included.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from relay.intake.reading import refusals
from relay.intake.reading.encodings import decode, is_zip
from relay.intake.reading.refusals import MAX_BYTES, MAX_CELL, MAX_CSV_CELLS, MAX_LINE, MAX_LINES, MEGABYTE
from relay.intake.reading.workbook import sheets_of

XLSX = "xlsx"
_DELIMITERS = (",", "\t", ";", "|")

Record = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Grid:
    """One way to see the file as rows: by a delimiter, or one sheet of a workbook."""

    records: Callable[[], Iterable[Record]]
    delimiter: str = ""
    sheet: str = ""
    hidden: bool = False
    filled: int = 0
    """Rows that hold something, where they were counted."""


@dataclass(frozen=True, slots=True)
class FileGrids:
    """All sheets of a file, or all ways to see it, before it is known where in it the people are."""

    encoding: str
    grids: tuple[Grid, ...]
    text: str = ""
    """What a CSV file says; its quotes are still to be looked at."""
    hides_rows: bool = False
    since_1904: bool = False


def open_file(data: bytes, *, max_bytes: int = MAX_BYTES) -> FileGrids:
    """Open a file of applicants. Raises a FileRefused that says why where that is impossible."""
    if len(data) > max_bytes:
        raise refusals.FileTooLarge(megabytes=max_bytes // MEGABYTE)
    if is_zip(data):
        sheets, seen = sheets_of(data)
        grids = tuple(Grid(_numbered(one.rows), sheet=one.name, hidden=one.hidden) for one in sheets)
        return FileGrids(XLSX, grids, hides_rows=seen.hides_rows, since_1904=seen.since_1904)
    text, encoding = decode(data)
    return FileGrids(encoding, tuple(Grid(_split(text, each), each) for each in _DELIMITERS), text)


def _numbered(rows: Callable[[], Iterator[list[str]]]) -> Callable[[], Iterator[Record]]:
    return lambda: enumerate(rows(), start=1)


def _split(text: str, delimiter: str) -> Callable[[], Iterator[Record]]:
    return lambda: _records(text, delimiter)


def _records(text: str, delimiter: str) -> Iterator[Record]:
    """Give record after record. Raises TableTooLarge at the first that is one too many, whatever it holds."""
    # newline="" leaves line breaks inside quoted cells as they are; one record is one row on the screen.
    lines = _lines(io.StringIO(text, newline=""))
    seen = 0
    for row, cells in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
        seen += len(cells)
        if row > MAX_LINES or seen > MAX_CSV_CELLS:
            raise refusals.TableTooLarge
        yield row, [cell[:MAX_CELL] for cell in cells] if max(map(len, cells), default=0) > MAX_CELL else cells


def _lines(text: io.StringIO) -> Iterator[str]:
    """Give line after line. Raises LineTooLong instead of one that would make millions of cells."""
    for number, line in enumerate(text, start=1):
        if len(line) > MAX_LINE:
            raise refusals.LineTooLong(line=number)
        yield line


def refuse_open_quote(text: str, delimiter: str) -> None:
    """Refuse a quote that never closes: it would swallow everyone below it into one cell."""
    if '"' not in text:
        return
    records = csv.reader(_lines(io.StringIO(text, newline="")), delimiter=delimiter, strict=True)
    complete = 0
    try:
        while next(records, None):
            complete += 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise refusals.QuoteNotClosed(row=complete + 1) from error


def is_blank(cells: Sequence[str]) -> bool:
    """Tell whether a row is empty."""
    return not any(cells) or not any(map(str.strip, cells))
