"""Files that people open with a spreadsheet: none of their cells is taken for a formula (E-16)."""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

from relay import clock

_BEGINS_A_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")
_LINES_AT_ONCE = 500
_COLUMN_WIDTH = 18  # characters
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MARKED = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+")
GETA = "〓"
"""What printers set where a character was missing."""


def safe_cell(text: str) -> str:
    """Return the text with an apostrophe before it where it, or what follows its spaces, begins like a formula."""
    begun = text.lstrip(" \u3000\u00a0")[:1] or text[:1]
    return f"'{text}" if begun in _BEGINS_A_FORMULA and text else text


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Return the rows as lines of CSV (RFC 4180), each cell made safe."""
    line = StringIO(newline="")
    writer = csv.writer(line)
    for row in rows:
        writer.writerow([safe_cell(str(cell)) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def csv_utf8(rows: Iterable[Sequence[object]], *, lines_at_once: int = _LINES_AT_ONCE) -> Iterator[bytes]:
    """Return the rows as parts of a CSV file, behind the mark by which Excel knows UTF-8."""
    yield codecs.BOM_UTF8
    lines = csv_lines(rows)
    while part := "".join(islice(lines, lines_at_once)):
        yield part.encode()


def workbook(rows: Iterable[Sequence[str]]) -> IO[bytes]:
    """Return an open workbook with the first row in bold and in sight.

    Every cell is of the type text, which Excel never calculates and whose zeros it keeps; so it needs no apostrophe,
    which Excel would show.
    """
    import xlsxwriter  # large, and no other page wants it

    file = TemporaryFile()  # noqa: SIM115  (sent, then closed)
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        book.set_properties({"created": clock.now()})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for place, row in enumerate(rows):
            if not place:
                sheet.set_column(0, len(row) - 1, _COLUMN_WIDTH)
            for column, text in enumerate(row):
                sheet.write_string(place, column, text, None if place else bold)
    file.seek(0)
    return file


def in_cp932(text: str) -> tuple[bytes, list[str]]:
    """Return the text as Windows Japanese writes it, and the characters it cannot write, which a geta replaces.

    A mark that is apart from its letter (カ and ゛) is joined to it, and a selector of variants goes first.
    """
    try:
        return text.encode("cp932"), []
    except UnicodeEncodeError:
        text = _MARKED.sub(lambda found: unicodedata.normalize("NFC", found[0]), _SELECTORS.sub("", text))
        missing = [character for character in text if not _writable(character)]
        return "".join(_written(text)).encode("cp932"), missing


def _written(text: str) -> Iterator[str]:
    for character in text:
        yield character if _writable(character) else GETA


def _writable(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
