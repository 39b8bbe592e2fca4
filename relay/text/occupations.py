"""The occupations of the official database: titles, a part of their aliases, qualifications and classes.

`occupations.tsv` is made of the official database of occupations (job tag, JILPT), version 7.00: of each occupation its
number, title, class of the Ministry's classification of occupations, aliases and the qualifications named for it, lists
apart by "|". Nothing was added and no description taken. Its first line is the credit that a secondary use owes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("occupations.tsv")
CREDIT = "職業情報データベース（厚生労働省 職業情報提供サイト job tag、JILPT）を加工して作成"
"""The credit on each page that shows anything made of the data."""


@dataclass(frozen=True)
class Occupation:
    """One occupation as the database has it."""

    id: int
    title: str
    mhlw_class: str
    """As in 12_072-06: the large group, the middle one, the small one."""
    aliases: tuple[str, ...]
    qualifications: tuple[str, ...]

    @property
    def middle_class(self) -> str:
        """Return the class without its smallest part: kindred occupations share it."""
        return self.mhlw_class.split("-")[0]


@lru_cache(maxsize=1)  # the file is part of the product and never changes
def occupations() -> dict[int, Occupation]:
    """Return every occupation by its number; read once."""
    return {each.id: each for each in _read()}


def _read() -> Iterator[Occupation]:
    _credit, _header, *lines = _FILE.read_text(encoding="utf-8").splitlines()
    for line in lines:
        number, title, mhlw_class, aliases, qualifications = line.split("\t")
        yield Occupation(int(number), title, mhlw_class, _parts(aliases), _parts(qualifications))


def _parts(joined: str) -> tuple[str, ...]:
    return tuple(filter(None, joined.split("|")))
