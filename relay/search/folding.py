"""Comparing what is stored as typed: `relay.text.fold` inside the database, the same on both."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from relay.text import fold
from relay.text.variants import FOLD, KATAKANA

_LETTERS = {chr(code): into or "" for code, into in FOLD.items() if into is None or len(into) == 1}


def _translation(letters: Iterable[str]) -> tuple[str, str]:
    """Return the two arguments of translate(): letters that become others, then such that go."""
    ordered = sorted(letters, key=lambda letter: not _LETTERS[letter])
    return "".join(ordered), "".join(_LETTERS[letter] for letter in ordered)


_KANA = _translation(letter for letter in _LETTERS if ord(letter) in KATAKANA)
_RARE = _translation(letter for letter in _LETTERS if ord(letter) not in KATAKANA)
_HOLDS_RARE = f"[{_RARE[0]}]"


class relay_fold(GenericFunction[str]):
    """A column folded."""

    type = String()
    inherit_cache = True


@compiles(relay_fold, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    """translate() compares each letter with its whole list: the long one is for the few texts that need it."""
    (column,) = element.clauses
    plain = func.lower(func.normalize(column, literal_column("NFKC")))
    usual = case((plain.regexp_match(_HOLDS_RARE), func.translate(plain, *_RARE)), else_=plain)
    return str(compiler.process(func.translate(usual, *_KANA), **options))


def holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Return whether a column holds the text somewhere, however either is written."""
    return relay_fold(column).contains(fold(text), autoescape=True)
