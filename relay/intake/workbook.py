"""Excel workbooks as rows of text, one list per sheet; what would fill the memory is refused before it is unpacked."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from relay.intake import refusals

MAX_UNPACKED = 300 * 1024 * 1024
MAX_PARTS = 2_000
MAX_CELLS = 6_000_000
"""Rows times columns of the area a sheet fills; it is held as a whole."""
MAX_TEXT = 300_000_000
"""Characters of all cells together: a workbook may name one long text a million times."""
_BLOCK = 1 << 20
_CELL = re.compile(rb'<c (?:[^>]*? )?r="([A-Z]{1,3})(\d{1,7})"([^>]*[^/>])>')
_SHARED = re.compile(rb'<c [^>]*t="s"[^>]*>\s*<v>(\d+)</v>')
_HIDDEN = re.compile(rb'<row [^>]*hidden="(?:1|true)"')

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: every row from the first, as text."""

    name: str
    rows: list[Cells]


def sheets_of(data: bytes) -> tuple[list[Sheet], bool]:
    """Give the sheets that hold something, visible ones first, and whether rows are hidden in any of them.

    Raises NotATableFile, WorkbookLocked, WorkbookDamaged or WorkbookTooLarge.
    """
    hidden = _inspect(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            metas = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
            metas.sort(key=lambda meta: meta.visible != SheetVisibleEnum.Visible)
            found = [Sheet(meta.name, list(_rows(book.get_sheet_by_name(meta.name)))) for meta in metas]
    except PasswordError as error:
        raise refusals.WorkbookLocked from error
    except (CalamineError, OSError, ValueError) as error:
        raise refusals.WorkbookDamaged from error
    sheets = [sheet for sheet in found if any(any(row) for row in sheet.rows)]
    if not sheets:
        raise refusals.FileEmpty
    return sheets, hidden


def _rows(sheet: CalamineSheet) -> Iterator[Cells]:
    grid = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and top < len(grid) and left < len(grid[top]):  # one value for several people below each other
            for row in grid[top + 1 : bottom + 1]:
                row[left] = grid[top][left]
    yield from grid


def _text(value: Any) -> str:
    """A cell as a person reads it: no .0 behind a whole number, days in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if (value.hour, value.minute) != (0, 0) else f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


# looking before unpacking


def _inspect(data: bytes) -> bool:
    """Refuse what is no workbook or too much of one; give whether rows are hidden."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {info.filename for info in archive.infolist()}
            _refuse_others(names)
            if len(names) > MAX_PARTS or sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise refusals.WorkbookTooLarge
            texts = [len(part) for part in _read(archive, "xl/sharedStrings.xml", names).split(b"</si>")]
            sheets = [name for name in sorted(names) if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
            return sum(_inspect_sheet(_read(archive, name, names), texts) for name in sheets) > 0
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise refusals.WorkbookDamaged from error


def _refuse_others(names: set[str]) -> None:
    if any(name.startswith("word/") for name in names):
        raise refusals.NotATableFile(_l("Word文書"))
    if not any(name.startswith("xl/") for name in names):
        raise refusals.NotATableFile(_l("圧縮ファイル"))


def _read(archive: zipfile.ZipFile, name: str, names: set[str]) -> bytes:
    """Unpack one part, no further than it says it is long."""
    if name not in names:
        return b""
    parts = []
    with archive.open(name) as packed:
        while block := packed.read(_BLOCK):
            parts.append(block)
    return b"".join(parts)


def _inspect_sheet(xml: bytes, texts: list[int]) -> bool:
    """Refuse a sheet whose filled area or whose texts would not fit; give whether rows are hidden in it."""
    widest = last = 0
    for letters, row, _rest in _CELL.findall(xml):
        widest, last = max(widest, _column(letters)), max(last, int(row))
    named = Counter(map(int, _SHARED.findall(xml)))
    characters = sum(texts[index] * times for index, times in named.items() if index < len(texts))
    if widest * last > MAX_CELLS or characters > MAX_TEXT:
        raise refusals.WorkbookTooLarge
    return _HIDDEN.search(xml) is not None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
