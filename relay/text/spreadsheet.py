"""Cells of files that people open with a spreadsheet: nothing in them is taken for a formula (E-16)."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def plain_cell(value: object) -> str:
    """Give a value as a cell that is shown, never calculated."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """Give rows as a CSV file that Excel opens without garbling Japanese."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([plain_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
