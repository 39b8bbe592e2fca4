"""From bytes to a table: encoding, delimiter and header row are found, never asked for.

Row numbers are those a spreadsheet shows: one per record, blank ones and everything above the header included.
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from relay.intake import refusals
from relay.intake.sources import FORMATS, SOURCES, Source
from relay.text import Sentence

MAX_BYTES = 50 * 1024 * 1024
_DELIMITERS = (",", "\t", ";")
_HEADER_WITHIN = 20
_WIDEST = 1_000
"""How many columns are looked at; what stands further right belongs to no table of people."""
_LOOK_AHEAD = 4_096
_NUL_SHARE = 32
_DAMAGE_WITHIN = 1_000_000
_NEVER_IN_CP932 = re.compile("[\x80\uf8f0-\uf8f3]")  # Python maps the bytes 80, A0, FD–FF to these; no text holds them

_KINDS: tuple[tuple[bytes, Sentence], ...] = (
    (b"PK\x03\x04", _l("圧縮ファイル")),
    (b"PK\x05\x06", _l("圧縮ファイル")),
    (b"\xd0\xcf\x11\xe0", _l("古い形式のExcelブックかWord文書")),
    (b"%PDF", _l("PDF")),
    (b"\x89PNG", _l("画像")),
    (b"\xff\xd8\xff", _l("画像")),
    (b"GIF8", _l("画像")),
    (b"\x1f\x8b", _l("圧縮ファイル")),
    (b"{\\rtf", _l("リッチテキスト文書")),
    (b"<!doctype", _l("ウェブページ")),
    (b"<html", _l("ウェブページ")),
    (b"<?xml", _l("XML文書")),
)

_ZIPPED_KINDS: tuple[tuple[bytes, Sentence], ...] = (
    (b"xl/workbook", _l("Excelブック")),
    (b"word/document", _l("Word文書")),
)

Record = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows and columns; `rows` leaves blank records out but keeps everyone's number."""

    source: Source
    encoding: str
    delimiter: str
    header_row: int
    header: tuple[str, ...]
    rows: tuple[Record, ...]


def read_table(
    data: bytes, *, format: str | None = None, max_rows: int | None = None, max_bytes: int = MAX_BYTES
) -> Table:
    """Read a file into rows. Raises a FileRefused that says why where that is impossible."""
    sources = _sources(format)
    if len(data) > max_bytes:
        raise refusals.FileTooLarge(megabytes=max_bytes // (1024 * 1024))
    text, encoding = decode(data)
    delimiter, source, header_index = _find_header(text, sources)
    _refuse_open_quote(text, delimiter)
    header, rows, count = _filled(text, delimiter, header_index, max_rows)
    if not rows:
        raise refusals.HeaderOnly(header_row=header_index + 1)
    if count > len(rows):
        raise refusals.TooManyRows(rows=count, limit=len(rows))
    return Table(source, encoding, delimiter, header_index + 1, tuple(header[:_WIDEST]), tuple(rows))


def decode(data: bytes) -> tuple[str, str]:
    """Give text and encoding: UTF-8 strictly, then CP932 strictly; UTF-16 by its mark.

    Raises FileEmpty, NotACsv or NotDecodable. Never guesses: a wrong guess would store garbled names.
    """
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise refusals.FileEmpty
    _refuse_other_kinds(data)
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp932" or _is_really_cp932(data, text):
            return text, encoding
    raise refusals.NotDecodable


def _refuse_other_kinds(data: bytes) -> None:
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"pk\x03\x04"):
        for folder, kind in _ZIPPED_KINDS:
            if folder in data:
                raise refusals.NotACsv(kind)
    for mark, kind in _KINDS:
        if start.startswith(mark.lower()):
            raise refusals.NotACsv(kind)


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if data.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    start = data[:_LOOK_AHEAD]
    if start.count(0) * _NUL_SHARE > len(start):  # UTF-16 without its mark
        return ()
    return ("utf-8", "cp932")


def _is_really_cp932(data: bytes, text: str) -> bool:
    """Tell CP932 from UTF-8 with a few damaged bytes, most of which CP932 would decode too, into other characters."""
    if _NEVER_IN_CP932.search(text):
        return False
    as_utf8 = data[:_DAMAGE_WITHIN].decode("utf-8", errors="replace")
    damaged = as_utf8.count("\ufffd")
    intact = sum(character > "\u3000" for character in as_utf8) - damaged
    return damaged > intact


def _sources(format: str | None) -> Sequence[Source]:
    if format is None:
        return SOURCES
    chosen = [source for source in SOURCES if source.name == format]
    if not chosen:
        raise refusals.UnknownFormat(format, FORMATS)
    return chosen


def _find_header(text: str, sources: Sequence[Source]) -> tuple[str, Source, int]:
    """Give delimiter, source and position of the row that reads best as a header."""
    heads = {delimiter: _head(text, delimiter) for delimiter in _DELIMITERS}
    best: tuple[int, str, Source, int] | None = None
    for (delimiter, records), source in itertools.product(heads.items(), sources):
        for index, (_row, cells) in enumerate(records):
            score = source.score(cells) if len(sources) == 1 or source.signs(cells) else 0
            if score > (best[0] if best else 0):
                best = (score, delimiter, source, index)
    if best is None:
        raise _no_header(list(heads.values()))
    return best[1:]


def _no_header(heads: list[list[Record]]) -> refusals.FileRefused:
    rows = [cells for records in heads for _row, cells in records]
    widest = max(rows, key=lambda cells: sum(bool(cell.strip()) for cell in cells), default=[])
    return refusals.NoNameColumn(widest) if len(widest) > 1 else refusals.NotATable()


def _head(text: str, delimiter: str) -> list[Record]:
    try:
        return [(row, cells[:_WIDEST]) for row, cells in itertools.islice(_records(text, delimiter), _HEADER_WITHIN)]
    except csv.Error:
        return []


def _filled(text: str, delimiter: str, header_index: int, max_rows: int | None) -> tuple[list[str], list[Record], int]:
    """Give the header, the records below it that hold something, and how many of those there are.

    No more are held in memory than may be taken: ten megabytes of line breaks are ten million records.
    """
    header: list[str] = []
    rows: list[Record] = []
    count = 0
    try:
        for row, cells in _records(text, delimiter):
            if row <= header_index + 1:
                header = cells
            elif not _is_blank(cells):
                count += 1
                if max_rows is None or count <= max_rows:
                    rows.append((row, cells))
    except csv.Error as error:
        raise refusals.NotATable from error
    return header, rows, count


def _records(text: str, delimiter: str, *, strict: bool = False) -> Iterator[Record]:
    # newline="" leaves line breaks inside quoted cells as they are; one record is one row on the screen.
    return enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict), start=1)


def _refuse_open_quote(text: str, delimiter: str) -> None:
    """A quote that never closes would swallow everyone below it into one cell."""
    records = _records(text, delimiter, strict=True)
    complete = 0
    try:
        while next(records, None):
            complete += 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise refusals.QuoteNotClosed(row=complete + 1) from error


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)
