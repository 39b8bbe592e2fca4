"""From bytes to a table: encoding, delimiter, sheet and header row are found, never asked for.

An encoding is never guessed; what is no text is named and refused. Row numbers are those a spreadsheet shows: one per
record, blank ones and everything above the header included.
"""

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from relay.intake.reading import refusals
from relay.intake.reading.refusals import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_CSV_CELLS, MAX_LINE, MAX_LINES, MEGABYTE
from relay.intake.reading.sources import FORMATS, SHEET, SOURCES, ImportSource, names_people
from relay.intake.reading.workbook import sheets_of
from relay.text import Sentence

XLSX = "xlsx"
_DELIMITERS = (",", "\t", ";")
_HEADER_WITHIN = 20
_LAST = re.compile("^(最終)$")
"""A step in this place; 最終 合否 alone would be the result of the whole."""
_GROUPS = 2
"""From so many titles above a header on they are those of groups; a single one is the title of the sheet."""

Record = tuple[int, list[str]]


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


@dataclass(frozen=True, slots=True)
class _Grid:
    """One way to see the file as rows: by a delimiter, or one sheet of a workbook."""

    records: Callable[[], Iterable[Record]]
    delimiter: str = ""
    sheet: str = ""
    hidden: bool = False


def read_table(
    data: bytes,
    *,
    format: str | None = None,
    max_rows: int | None = None,
    max_bytes: int = MAX_BYTES,
    lenient: bool = False,
) -> FileTable:
    """Read a file into rows. Raises a FileRefused that says why where that is impossible.

    With `lenient` a table in which no column is known to hold names is read too: HR may say which one does.
    """
    sources = _sources(format)
    if len(data) > max_bytes:
        raise refusals.FileTooLarge(megabytes=max_bytes // MEGABYTE)
    if is_zip(data):
        sheets, inspected = sheets_of(data)
        hides_rows, since_1904 = inspected.hides_rows, inspected.since_1904
        grids, encoding = (
            [_Grid(_numbered(sheet.rows), sheet=sheet.name, hidden=sheet.hidden) for sheet in sheets],
            XLSX,
        )
    else:
        text, encoding = decode(data)
        grids = [_Grid(_split(text, delimiter), delimiter) for delimiter in _DELIMITERS]
        hides_rows = since_1904 = False
    grid, source, header_index, also = _choose(grids, sources, lenient=lenient)
    if grid.delimiter:
        _refuse_open_quote(text, grid.delimiter)
    header, rows, count = _filled(grid, header_index, max_rows)
    if not rows:
        raise refusals.HeaderOnly(header_row=header_index + 1)
    if count > len(rows):
        raise refusals.TooManyRows(rows=count, limit=len(rows))
    others = tuple(other.sheet for other in grids if other is not grid and other.sheet)
    place = (grid.sheet, others, hides_rows, also, grid.hidden, since_1904) if grid.sheet else ()
    return FileTable(source, encoding, grid.delimiter, header_index + 1, tuple(header), tuple(rows), *place)


def _sources(format: str | None) -> Sequence[ImportSource]:
    if format is None:
        return SOURCES
    chosen = [source for source in SOURCES if source.name == format]
    if not chosen:
        raise refusals.UnknownFormat(format, FORMATS)
    return chosen


def _choose(
    grids: Sequence[_Grid], sources: Sequence[ImportSource], *, lenient: bool
) -> tuple[_Grid, ImportSource, int, tuple[str, ...]]:
    """Give grid, source and position of the header, and the visible sheets beside it that hold people too.

    A hidden sheet comes into question only where no visible one holds a table. Raises NotATable, NoNameColumn.
    """
    shown = [grid for grid in grids if not grid.hidden]
    for some in filter(None, (shown, [grid for grid in grids if grid.hidden])):
        heads = [_head(grid) for grid in some]
        found = [best for grid, head in zip(some, heads, strict=True) if (best := _find_header(grid, head, sources))]
        if found:
            best = max(found, key=lambda each: each[0])
            also = tuple(grid.sheet for _score, grid, *_place in found if grid is not best[1] and grid.sheet)
            return *best[1:], () if best[1].hidden else also
        grid, index, widest = _widest_row(some, heads)
        if sum(bool(cell.strip()) for cell in widest) > 1:
            if not lenient:
                raise refusals.NoNameColumn(widest)
            return grid, sources[-1], index, ()
    raise refusals.NotATable


def _find_header(
    grid: _Grid, head: list[Record], sources: Sequence[ImportSource]
) -> tuple[int, _Grid, ImportSource, int] | None:
    """Give score, grid, source and position of the row that reads best as a header; of two below each other, the lower.

    Where a sheet has its titles merged over two rows, the lower one names more.
    """
    best: tuple[int, _Grid, ImportSource, int] | None = None
    for source in sources:
        for index, (_row, cells) in enumerate(head):
            score = source.score(cells) if len(sources) == 1 or source.signs(cells) else 0
            below = best is not None and score == best[0] and best[1:] == (grid, source, index - 1)
            if score and (best is None or score > best[0] or below):
                best = (score, grid, source, index)
    if best is None and SHEET in sources:
        scores = [names_people(cells, SHEET) for _row, cells in head]
        if any(scores):
            return max(scores), grid, SHEET, scores.index(max(scores))
    return best


def _widest_row(grids: Sequence[_Grid], heads: list[list[Record]]) -> tuple[_Grid, int, list[str]]:
    """Return the first of the rows with most filled cells: the header, if any is one."""
    rows = [(grid, row - 1, cells) for grid, records in zip(grids, heads, strict=True) for row, cells in records] or [
        (grids[0], 0, [])
    ]
    return max(rows, key=lambda each: sum(bool(cell.strip()) for cell in each[2]))


def _head(grid: _Grid) -> list[Record]:
    try:
        return [(row, cells[:MAX_COLUMNS]) for row, cells in itertools.islice(grid.records(), _HEADER_WITHIN)]
    except csv.Error:
        return []


def _filled(grid: _Grid, header_index: int, max_rows: int | None) -> tuple[list[str], list[Record], int]:
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
            if row <= header_index + 1:
                above, header = header, cells[:MAX_COLUMNS]
            elif not _is_blank(cells) and cells[:MAX_COLUMNS] != header:
                count += 1
                if max_rows is None or count <= max_rows:
                    rows.append((row, cells))
    except csv.Error as error:
        raise refusals.NotATable from error
    return _below(above, header), rows, count


def _below(above: Sequence[str], header: Sequence[str]) -> list[str]:
    """Put the title of a group before the headers below it that occur again: 一次面接 over 日付 and 合否.

    A title holds for the columns right of it, up to the next one.
    """
    seen = Counter(cell.strip() for cell in header if cell.strip())
    titled = [above[index].strip() if index < len(above) else "" for index in range(len(header))]
    if sum(map(bool, titled)) < _GROUPS:
        return list(header)
    group, groups = "", []
    for title in titled:
        group = _LAST.sub(r"\1選考", title) or group
        groups.append(group)
    return [
        f"{group} {cell.strip()}" if group and seen[cell.strip()] > 1 else cell
        for group, cell in zip(groups, header, strict=True)
    ]


def _refuse_far_right(cells: list[str], sheet: str) -> None:
    """Cut away what is empty beyond the last column there may be. Raises TooManyColumns where it is not empty."""
    if not _is_blank(cells[MAX_COLUMNS:]):
        raise refusals.TooManyColumns(limit=MAX_COLUMNS, sheet=sheet)
    del cells[MAX_COLUMNS:]


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


def _refuse_open_quote(text: str, delimiter: str) -> None:
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


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cells) or not any(map(str.strip, cells))


# encodings


_LOOK_AHEAD = 4_096
_ZERO_SHARE = 64
_DAMAGE_WITHIN = 1_000_000
_NEVER_IN_CP932 = re.compile("[\x80\uf8f0-\uf8f3]")  # Python maps the bytes 80, A0, FD–FF to these; no text holds them
_NEVER_IN_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE_END = re.compile("[\r\n]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]{2}")
_HALF_WIDTH_ONLY = re.compile("[\x00-\x7f\uff61-\uff9f]*")
_VENDORS = "relay.euc-jp-vendors"
_TO_KANJI = b"\x1b$"  # the escape by which a text in ISO-2022-JP changes to kanji

_KINDS: tuple[tuple[bytes, Sentence], ...] = (
    (b"pk\x03\x04", _l("圧縮ファイル")),
    (b"pk\x05\x06", _l("圧縮ファイル")),
    (b"\xd0\xcf\x11\xe0", _l("古い形式のExcelブックかWord文書、または保護されたファイル")),
    (b"%pdf", _l("PDF")),
    (b"\x89png", _l("画像")),
    (b"\xff\xd8\xff", _l("画像")),
    (b"gif8", _l("画像")),
    (b"\x1f\x8b", _l("圧縮ファイル")),
    (b"{\\rtf", _l("リッチテキスト文書")),
    (b"<!doctype", _l("ウェブページ")),
    (b"<html", _l("ウェブページ")),
    (b"<?xml", _l("XML文書")),
    *((mark, _l("JSONファイル（.json）")) for mark in (b'{"', b"{\n", b"{\r", b"{ ", b"[{", b"[\n", b"[\r", b"[ {")),
    (b"begin:vcard", _l("連絡先のファイル（.vcf）")),
)


def is_zip(data: bytes) -> bool:
    """Return whether the bytes are those of an archive, which is what an Excel workbook is."""
    return data.startswith(b"PK\x03\x04")


def decode(data: bytes) -> tuple[str, str]:
    """Give text and encoding: UTF-8, EUC-JP, then CP932, each strictly; UTF-16 by its mark or its zero bytes.

    ISO-2022-JP is known by its escapes (RFC 1468).

    Raises FileEmpty, NotATableFile or NotDecodable. Never guesses: a wrong guess would store garbled names.
    """
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise refusals.FileEmpty
    _refuse_other_kinds(data)
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding, errors=_VENDORS if encoding == "euc_jp" else "strict")
        except UnicodeDecodeError:
            continue
        if encoding.startswith("utf-16-") and (_NEVER_IN_TEXT.search(text) or not _LINE_END.search(text)):
            continue
        if encoding == "cp932" and not _is_really_cp932(data, text):
            continue
        if encoding == "euc_jp" and not _is_really_euc(data, text):
            continue
        return text, encoding
    raise refusals.NotDecodable


def _refuse_other_kinds(data: bytes) -> None:
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, kind in _KINDS:
        if start.startswith(mark):
            raise refusals.NotATableFile(kind)


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if data.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if _TO_KANJI in data and data.isascii():
        return ("iso2022_jp_ext",)
    start = data[:_LOOK_AHEAD]
    if start.count(0) * _ZERO_SHARE > len(start):  # the upper half of each tab, comma, digit and line end
        little = start[1::2].count(0) > start[::2].count(0)
        return ("utf-16-le" if little else "utf-16-be", "utf-8", "cp932")
    return ("utf-8", "euc_jp", "cp932")


def _is_really_cp932(data: bytes, text: str) -> bool:
    """Tell CP932 from UTF-8 with a few damaged bytes, most of which CP932 would decode too, into other characters."""
    if _NEVER_IN_CP932.search(text):
        return False
    as_utf8 = data[:_DAMAGE_WITHIN].decode("utf-8", errors="replace")
    damaged = as_utf8.count("\ufffd")
    intact = sum(character > "\u3000" for character in as_utf8) - damaged
    return damaged > intact


def _as_vendors_wrote(error: UnicodeError) -> tuple[str, int]:
    """Return a vendor's character such as ① or 髙, which EUC-JP itself lacks, from its place in CP932."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or min(pair) < 0xA1:
        raise error
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = (0x81 if row < 62 else 0xC1) + row // 2
    trail = cell + 0x9F if row % 2 else cell + (0x40 if cell < 63 else 0x41)
    return bytes((lead, trail)).decode("cp932"), error.start + 2


codecs.register_error(_VENDORS, _as_vendors_wrote)


def _is_really_euc(data: bytes, text: str) -> bool:
    """Tell EUC-JP from the Chinese and Korean encodings made like it, and from CP932 in half-width katakana alone."""
    if not _KANA.search(text):
        return False
    try:
        return not _HALF_WIDTH_ONLY.fullmatch(data.decode("cp932"))
    except UnicodeDecodeError:
        return True
