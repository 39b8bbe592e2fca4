"""Occupations a position can be of, found by number, title or typing; a page that shows one shows CREDIT too."""

from relay.text import name_key
from relay.text.occupations import CREDIT, Occupation, occupations

__all__ = ["CREDIT", "MAX_FOUND", "get", "named", "search"]

MAX_FOUND = 12


def get(occupation_id: int | None) -> Occupation | None:
    """Return the occupation of this number; None for one the file does not hold."""
    return occupations().get(occupation_id or 0)


def named(title: str) -> Occupation | None:
    """Return the occupation of this title, however it is spelt."""
    key = name_key(title)
    return next((each for each in occupations().values() if name_key(each.title) == key), None) if key else None


def search(typed: str) -> list[Occupation]:
    """Return the occupations whose title holds every typed word, those that begin with the first one first."""
    words = [key for key in map(name_key, typed.split()) if key]
    if not words:
        return []
    found = [(name_key(each.title), each) for each in occupations().values()]
    fitting = [(key, each) for key, each in found if all(word in key for word in words)]
    fitting.sort(key=lambda pair: (not pair[0].startswith(words[0]), len(pair[0]), pair[0]))
    return [each for _key, each in fitting[:MAX_FOUND]]
