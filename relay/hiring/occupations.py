"""Occupations a position can be of: numbers, titles and classes of the public occupational database, found by typing.

`occupations.tsv` beside this module is made from it; a page that shows a title shows CREDIT with it.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask_babel import lazy_gettext as _l

from relay.text import name_key

CREDIT = _l("職業情報データベース（厚生労働省 職業情報提供サイト job tag、JILPT）を加工して作成")
"""As its publishers ask those who use it further to say."""
MAX_FOUND = 12
_FILE = Path(__file__).with_name("occupations.tsv")


@dataclass(frozen=True)
class Occupation:
    """One occupation, by the number the database gives it."""

    id: int
    class_code: str
    """Of 厚生労働省編職業分類: 03_020-99."""
    title: str


def get(occupation_id: int | None) -> Occupation | None:
    """Return the occupation of this number; None for one the file does not hold."""
    return _all().get(occupation_id or 0)


def named(title: str) -> Occupation | None:
    """Return the occupation of this title, however it is spelt."""
    key = name_key(title)
    return next((each for each in _all().values() if name_key(each.title) == key), None) if key else None


def search(typed: str) -> list[Occupation]:
    """Return the occupations whose title holds every typed word, those that begin with the first one first."""
    words = [key for key in map(name_key, typed.split()) if key]
    if not words:
        return []
    found = [(name_key(each.title), each) for each in _all().values()]
    fitting = [(key, each) for key, each in found if all(word in key for word in words)]
    fitting.sort(key=lambda pair: (not pair[0].startswith(words[0]), len(pair[0]), pair[0]))
    return [each for _key, each in fitting[:MAX_FOUND]]


@cache  # the file is read once and is part of the product
def _all() -> dict[int, Occupation]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        next(lines)  # CREDIT
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {int(row["id"]): Occupation(int(row["id"]), row["class"], row["title"]) for row in rows}
