"""Excel workbooks as rows of text, sheet by sheet; what is read was looked through before (inspection)."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from relay.intake import refusals
from relay.intake.inspection import inspect
from relay.intake.limits import MAX_CELL

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `rows` gives every row from the first, as text, as often as it is called."""

    name: str
    rows: Callable[[], Iterator[Cells]]
    hidden: bool = False


def sheets_of(data: bytes) -> tuple[list[Sheet], bool]:
    """Give the sheets that hold something, visible ones first, and whether rows are hidden in any of them.

    Raises NotATableFile, WorkbookLocked, WorkbookDamaged, FileEmpty, or what the workbook is too large for.
    """
    inspected = inspect(io.BytesIO(data))
    try:
        sheets = [sheet for sheet in _opened(inspected.pack) if any(any(row) for row in sheet.rows())]
    except (CalamineError, OSError, ValueError) as error:
        raise refusals.WorkbookDamaged from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how the reader, which is written in Rust, gives up
            raise refusals.WorkbookDamaged from error
        raise
    if not sheets:
        raise refusals.FileEmpty
    return sheets, inspected.hides_rows


def _opened(pack: IO[bytes]) -> list[Sheet]:
    with CalamineWorkbook.from_filelike(pack) as book:
        metas = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        metas.sort(key=lambda meta: meta.visible != SheetVisibleEnum.Visible)
        return [
            _sheet(meta.name, book.get_sheet_by_name(meta.name), hidden=meta.visible != SheetVisibleEnum.Visible)
            for meta in metas
        ]


def _sheet(name: str, sheet: CalamineSheet, *, hidden: bool) -> Sheet:
    merges: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and top < bottom:  # one value for several people below each other
            merges.setdefault(top, []).append((left, bottom))
    return Sheet(name, lambda: _filled_down(_rows(sheet), merges), hidden)


def _rows(sheet: CalamineSheet) -> Iterator[Cells]:
    """Yield every row from the first, every cell from the first column, with which the library does not begin."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + [_text(value) for value in row]


def _filled_down(rows: Iterator[Cells], merges: dict[int, list[tuple[int, int]]]) -> Iterator[Cells]:
    below: dict[int, tuple[int, str]] = {}
    for place, row in enumerate(rows):
        for column, (bottom, value) in below.items():
            if place <= bottom and column < len(row):
                row[column] = value
        for column, bottom in merges.get(place, ()):
            below[column] = bottom, row[column] if column < len(row) else ""
        yield row


def _text(value: Any) -> str:
    """Return a cell as a person reads it: no .0 behind a whole number, days in ISO form."""
    if isinstance(value, str):
        return value[:MAX_CELL]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if (value.hour, value.minute) != (0, 0) else f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
