"""The look of a column's cells: addresses, numbers, days, readings, names, results."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from relay.intake.words import is_spoken_result, result_of
from relay.models import ApplicationResult
from relay.text import clean
from relay.text.decoration import is_ditto

SHARE_NEEDED = 0.8
"""The share of its filled cells that makes a column one of a kind."""
SURE = 3
"""Fewer filled cells than this speak against no header."""


class Kind(StrEnum):
    """The kind one cell looks like."""

    MAIL = "mail"
    PHONE = "phone"
    DAY = "day"
    NUMBER = "number"
    KANA = "kana"
    LATIN = "latin"
    RESULT = "result"
    TEXT = "text"


_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9(][0-9()\-\s]{8,18}[0-9]")
_DAY = re.compile(
    r"(?:\d{4}|(?:令和|平成|昭和|[rhs])\s*(?:\d{1,2}|元))\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*|\d{1,2}/\d{1,2}/\d{4}.*",
    re.I,
)
_NUMBER = re.compile(r"[\d,.]+")
_KANA = re.compile(r"[ァ-ヺーぁ-ゖ・\s]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ.'’,\-\s]*[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ.'’,\-\s]*")
_SELECTION = re.compile(
    "選考|面接|書類|調整|対応|保留|連絡|応募|内定|新規|新着|active|open|progress|ongoing|new", re.IGNORECASE
)
_HYPHENS = re.compile("[‐-―−ー]")


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a column: how many cells are filled, what share is of which kind, what is in them."""

    cells: tuple[str, ...]
    filled: int
    shares: dict[Kind, float]

    def share(self, kind: Kind) -> float:
        """Give the share of the filled cells that are of a kind."""
        return self.shares.get(kind, 0.0)

    def is_mostly(self, kind: Kind) -> bool:
        """Tell whether the column is one of this kind."""
        return self.filled > 0 and self.share(kind) >= SHARE_NEEDED

    def never(self, *kinds: Kind) -> bool:
        """Tell whether enough is filled to say that the column holds nothing of these kinds."""
        return self.filled >= SURE and not any(self.share(kind) for kind in kinds)


def look_at(cells: Iterable[str]) -> Look:
    """Look at the cells of one column; ditto marks and empty cells say nothing."""
    texts = tuple(clean(cell) for cell in cells)
    filled = [text for text in texts if text and not is_ditto(text)]
    counts: dict[Kind, int] = {}
    for text in filled:
        kind = kind_of(text)
        counts[kind] = counts.get(kind, 0) + 1
    return Look(texts, len(filled), {kind: count / len(filled) for kind, count in counts.items()})


def kind_of(text: str) -> Kind:
    """Give what a cell looks like."""
    plain = _HYPHENS.sub("-", unicodedata.normalize("NFKC", text[:200])) if not text.isascii() else text[:200]
    if "@" in plain:
        return Kind.MAIL
    if _DAY.fullmatch(plain):
        return Kind.DAY
    if _PHONE.fullmatch(plain) and sum(map(str.isdigit, plain)) in range(9, 16):
        return Kind.PHONE
    if _NUMBER.fullmatch(plain):
        return Kind.NUMBER
    if _is_result(text):
        return Kind.RESULT
    if _KANA.fullmatch(unicodedata.normalize("NFKC", text[:200])):
        return Kind.KANA
    return Kind.LATIN if _LATIN.fullmatch(plain) else Kind.TEXT


def _is_result(text: str) -> bool:
    """Return whether a cell says how a selection goes; 田中 ends like 選考中 and does not."""
    result = result_of(text)
    return result is not None and (result is not ApplicationResult.OPEN or _SELECTION.search(text) is not None)


def names_results(look: Look) -> bool:
    """Tell whether a column's cells are result words, some of them spoken out (不採用), not mere signs (○ ×)."""
    return look.is_mostly(Kind.RESULT) and any(map(is_spoken_result, look.cells))
