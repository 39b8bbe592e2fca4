"""Cells of files that people open with a spreadsheet: nothing in them is taken for a formula (E-16)."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

_AT_ONCE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def plain_cell(value: object) -> str:
    """Give a value as a cell that is shown, never calculated."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_parts(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Give rows as a CSV file that Excel opens without garbling Japanese, some hundred at a time."""
    yield codecs.BOM_UTF8
    each = iter(rows)
    while some := list(islice(each, _AT_ONCE)):
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerows([plain_cell(cell) for cell in row] for row in some)
        yield out.getvalue().encode()
