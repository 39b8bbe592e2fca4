"""Whole numbers as strangers send them in addresses and hidden fields; numbers and sums of yen as people type them."""

import re
import unicodedata
from decimal import Decimal

_YEN = re.compile(r"(?:([0-9]+(?:\.[0-9]{1,4})?)万)?([0-9]*)円?")
_UNITS = re.compile(r"[\s,、名人]")

LARGEST_ID = 2**63 - 1
"""The largest number a row can have, in every database."""


def whole_number(typed: str, *, most: int = LARGEST_ID) -> int | None:
    """Read ASCII digits as a number from 0 to `most`; return None for all else, thousands of digits included.

    Longer texts are not handed to `int`, which raises ValueError past 4,300 digits.
    """
    if not (typed.isascii() and typed.isdigit()) or len(typed) > len(str(most)):
        return None
    number = int(typed)
    return number if number <= most else None


def typed_number(typed: str, *, most: int) -> int | None:
    """Read a number from 1 to `most` as people type it, in any width, with 名 or 人; return None for all else."""
    number = whole_number(_UNITS.sub("", unicodedata.normalize("NFKC", typed)), most=most)
    return number or None


def typed_yen(typed: str, *, most: int) -> int | None:
    """Read a sum from 1 to `most` yen as people type it (400万, 25.5万円, 4,000,000); return None for all else."""
    text = _UNITS.sub("", unicodedata.normalize("NFKC", typed))
    found = _YEN.fullmatch(text) if len(text) <= len(str(most)) + 4 else None
    if found is None or not any(found.groups()):
        return None
    yen = Decimal(found[1] or 0) * 10_000 + int(found[2] or 0)
    return int(yen) if yen == int(yen) and 0 < yen <= most else None


def yen_words(yen: int) -> str:
    """Return a sum as people read it: 400万円, 1,150円."""
    return f"{yen // 10_000:,}万円" if yen % 10_000 == 0 else f"{yen:,}円"
