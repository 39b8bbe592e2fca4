"""Excel workbooks as rows of text, sheet by sheet; the reader sees nothing but the parts that were inspected before.

A sheet is found as the reader finds it, by the relationships of the workbook, in whatever folder and however its name
is written. What passes is put into a new archive; whatever else the file holds, or names, is not there any more.
"""

import io
import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any, NamedTuple
from xml.parsers import expat

from flask_babel import lazy_gettext as _l
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from relay.intake.reading import refusals
from relay.intake.reading.refusals import MAX_CELL

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `rows` gives every row from the first, as text, as often as it is called."""

    name: str
    rows: Callable[[], Iterator[Cells]]
    hidden: bool = False


def sheets_of(data: bytes) -> tuple[list[Sheet], "Inspected"]:
    """Give the sheets that hold something, visible ones first, and what was seen of the workbook.

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
    return sheets, inspected


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


# inspection


_BLOCK = 1 << 16
_ENCRYPTED = 0x1
_RELATIONS = "_rels/.rels"
_USUAL = "xl/workbook.xml"
_BESIDE = ("sharedStrings", "styles")
"""What the reader takes beside the sheets, as kinds of relationships and as file names."""
_FILLED = frozenset({"v", "is", "f"})
"""What stands in a cell that holds something; others are only coloured."""
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError),
    *(NotImplementedError, RuntimeError, EOFError, OSError, ValueError),
)
"""What the reading of an archive and its markup raises where it is not as it should be."""
Attributes = list[str]
Start = Callable[[str, Attributes], None]


class Inspected:
    """A workbook whose every part was looked through, and what was seen on the way."""

    def __init__(self) -> None:
        self.pack = io.BytesIO()
        self.hides_rows = False
        self.since_1904 = False


def inspect(file: IO[bytes]) -> Inspected:
    """Look through a workbook. Raises NotATableFile, WorkbookLocked, WorkbookDamaged, or what it is too large for."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _Inspection(archive).all()
    except _UNREADABLE as error:
        raise refusals.WorkbookDamaged from error


class _Relation(NamedTuple):
    """Where a part leads to, and as what."""

    kind: str
    target: str


class _Inspection:
    """Goes through the archive once, in the order in which the reader would."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        if len(archive.infolist()) > refusals.MAX_PARTS:
            raise refusals.WorkbookTooLarge
        if any(info.flag_bits & _ENCRYPTED for info in archive.infolist()):
            raise refusals.WorkbookLocked
        self._archive = archive
        self._parts = {info.filename.lower(): info for info in archive.infolist()}
        if len(self._parts) < len(archive.infolist()):
            raise refusals.WorkbookDamaged
        self._unpacked = 0
        self._area = 0
        self._found = Inspected()

    def all(self) -> Inspected:
        """Take over the workbook's own parts and its sheets."""
        with zipfile.ZipFile(self._found.pack, "w") as passed:
            book = self._book(self._relations(passed, _RELATIONS))
            folder, name = posixpath.split(book)
            sheets: dict[str, str] = {}
            note_sheet = _noting(sheets, "sheet", "id", "name")

            def start(name: str, attributes: Attributes) -> None:
                note_sheet(name, attributes)
                if _local(name) == "workbookPr" and "date1904" in attributes[::2]:
                    self._found.since_1904 = _value(attributes, "date1904") in {"1", "true"}

            self._take(passed, book, start)
            related = self._relations(passed, posixpath.join(folder, "_rels", f"{name}.rels"))
            beside = [each.target for each in related.values() if each.kind in _BESIDE]
            for target in (*beside, *(f"{each}.xml" for each in _BESIDE)):
                for part in self._parts_named(folder, target):
                    self._take(passed, part)
            for key, sheet in sheets.items():
                for part in self._parts_named(folder, related[key].target if key in related else ""):
                    self._take_sheet(passed, part, sheet)
        self._found.pack.seek(0)
        return self._found

    def _book(self, related: dict[str, "_Relation"]) -> str:
        """Return the part that names the sheets. Raises NotATableFile for archives of other kinds."""
        targets = [each.target for each in related.values() if each.kind == "officeDocument"]
        found = [part for target in (*targets, _USUAL) for part in self._parts_named("", target)]
        book = next((part for part in found if part.endswith(".xml")), "")
        _refuse_others(self._parts.keys(), book)
        return book

    def _relations(self, passed: zipfile.ZipFile, part: str) -> dict[str, "_Relation"]:
        targets: dict[str, str] = {}
        kinds: dict[str, str] = {}

        def start(name: str, attributes: Attributes) -> None:
            note_target(name, attributes)
            note_kind(name, attributes)

        note_target = _noting(targets, "Relationship", "Id", "Target")
        note_kind = _noting(kinds, "Relationship", "Id", "Type")
        self._take(passed, part, start)
        return {key: _Relation(kinds[key].rpartition("/")[2], target) for key, target in targets.items()}

    def _parts_named(self, folder: str, target: str) -> list[str]:
        """Return the parts a target may mean: read from the root, from its folder, as written or straightened."""
        paths = (target.lstrip("/"), posixpath.join(folder, target.lstrip("/")))
        named = dict.fromkeys(path.lower() for each in paths for path in (each, posixpath.normpath(each)))
        return [path for path in named if path in self._parts]

    def _take_sheet(self, passed: zipfile.ZipFile, part: str, name: str) -> None:
        look = _SheetLook(name)
        try:
            self._take(passed, part, look.start, most=refusals.MAX_SHEET_XML)
        except _PartTooLarge as error:
            raise refusals.SheetTooLarge(name, megabytes=refusals.MAX_SHEET_XML // refusals.MEGABYTE) from error
        self._area += look.last_row * look.last_column
        if self._area > refusals.MAX_CELLS:
            raise refusals.WorkbookTooLarge
        self._found.hides_rows = self._found.hides_rows or look.hides_rows

    def _take(
        self, passed: zipfile.ZipFile, part: str, start: Start | None = None, *, most: int = refusals.MAX_PART
    ) -> None:
        """Unpack one part, no further than it may be long, past a parser that refuses what is no plain XML."""
        info = self._parts.get(part)
        if info is None or info.filename in passed.namelist():
            return
        parser = _parser(start)
        with passed.open(info.filename, "w") as goal:
            for block in self._blocks(info, most):
                parser.Parse(block, False)
                goal.write(block)
            parser.Parse(b"", True)

    def _blocks(self, info: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
        length = 0
        with self._archive.open(info) as packed:
            while block := packed.read(_BLOCK):
                length += len(block)
                self._unpacked += len(block)
                if length > most:
                    raise _PartTooLarge
                if self._unpacked > refusals.MAX_UNPACKED:
                    raise refusals.WorkbookTooLarge
                yield block


class _PartTooLarge(refusals.WorkbookTooLarge):
    """Raise where one part of the workbook is longer than it may be."""

    code = "workbook-part-too-large"


def _refuse_others(names: Iterable[str], book: str) -> None:
    """Name what is an archive of another kind. Raises NotATableFile."""
    held = set(names)
    if any(name.startswith("word/") for name in held):
        raise refusals.NotATableFile(_l("Word文書"))
    if book:
        return
    if "xl/workbook.bin" in held:
        raise refusals.NotATableFile(_l("Excelバイナリブック（.xlsb）"))
    if {"content.xml", "mimetype"} <= held:
        raise refusals.NotATableFile(_l("OpenDocument形式のファイル（.odsなど）"))
    if any(name.startswith("index/") or name == "index.zip" for name in held) and any(
        name.endswith(".iwa") or name == "index.zip" for name in held
    ):
        raise refusals.NotATableFile(_l("Numbersのファイル（.numbers）"))
    if any(name.startswith("xl/") for name in held):
        raise refusals.WorkbookDamaged
    raise refusals.NotATableFile(_l("圧縮ファイル"))


# markup


def _parser(start: Start | None) -> expat.XMLParserType:
    """Return a parser that takes UTF-8 alone, as the reader does whatever a part says, and no declared entities."""
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_declarations
    if start is not None:
        parser.StartElementHandler = start
    return parser


def _refuse_declarations(*_declared: object) -> None:
    raise refusals.WorkbookDamaged


def _noting(found: dict[str, str], element: str, key: str, value: str) -> Start:
    """Remember one attribute of these elements by another; prefixes say nothing to the reader either."""

    def start(name: str, attributes: Attributes) -> None:
        if _local(name) == element:
            said = {_local(each): text for each, text in zip(attributes[::2], attributes[1::2], strict=True)}
            if key in said:
                found[said[key]] = said.get(value, "")

    return start


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _SheetLook:
    """How far a sheet's filled cells reach, how many ranges are merged and whether rows are hidden.

    Raises TooManyColumns, TooManyMerges or WorkbookDamaged at the first element that is one too many.
    """

    def __init__(self, sheet: str) -> None:
        self.last_row = self.last_column = 0
        self.hides_rows = False
        self._sheet = sheet
        self._merges = 0
        self._row = 0
        self._column = 0
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        """See an element begin."""
        kind = _local(name) if ":" in name else name
        if kind == "c":
            self._cell(attributes)
        elif kind in _FILLED:
            self._fill()
        elif kind == "row":
            self._begin_row(attributes)
        elif kind == "mergeCell":
            self._merges += 1
            if self._merges > refusals.MAX_MERGES:
                raise refusals.TooManyMerges(self._sheet, limit=refusals.MAX_MERGES)

    def _cell(self, attributes: Attributes) -> None:
        if attributes and attributes[0] == "r":
            place = attributes[1]
        elif "r" in attributes[::2]:
            place = _value(attributes, "r")
        else:
            self._column += 1
            return
        letters = place.rstrip("0123456789")
        self._column = self._columns.get(letters) or self._column_of(letters)
        self._row = _number(place[len(letters) :])

    def _fill(self) -> None:
        if self._column > self.last_column:
            self.last_column = self._column
            if self._column > refusals.MAX_COLUMNS:
                raise refusals.TooManyColumns(limit=refusals.MAX_COLUMNS, sheet=self._sheet)
        self.last_row = max(self.last_row, self._row)

    def _begin_row(self, attributes: Attributes) -> None:
        said = dict(zip(attributes[::2], attributes[1::2], strict=True))
        self._row = _number(said["r"]) if "r" in said else self._row + 1
        self._column = 0
        self.hides_rows = self.hides_rows or said.get("hidden") in {"1", "true"}

    def _column_of(self, letters: str) -> int:
        number = 0
        for letter in letters.upper():
            if not "A" <= letter <= "Z" or number > refusals.MAX_LINE:
                raise refusals.WorkbookDamaged
            number = number * 26 + ord(letter) - 64
        self._columns[letters] = number
        return number


def _value(attributes: Attributes, name: str) -> str:
    return attributes[2 * attributes[::2].index(name) + 1]


def _number(text: str) -> int:
    """Return a row's number; more digits than any row has are damage."""
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise refusals.WorkbookDamaged
    return int(text)
