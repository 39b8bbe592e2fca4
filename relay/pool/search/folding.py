"""Comparing what is stored as typed: `relay.text.fold` inside the database, the same on both."""

from typing import Any

from sqlalchemy import ColumnElement, String, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from relay.text import fold
from relay.text.variants import FOLD

_LETTERS = {chr(code): into for code, into in FOLD.items() if into is None or len(into) == 1}
_KEPT = [(letter, into) for letter, into in _LETTERS.items() if into]
_FROM = "".join(letter for letter, _into in _KEPT) + "".join(letter for letter, into in _LETTERS.items() if not into)
_INTO = "".join(into for _letter, into in _KEPT)


class relay_fold(GenericFunction[str]):
    """A column folded."""

    type = String()
    inherit_cache = True


@compiles(relay_fold, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    return str(
        compiler.process(
            func.translate(func.lower(func.normalize(column, literal_column("NFKC"))), _FROM, _INTO), **options
        )
    )


def holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column holds the text somewhere, however either is written."""
    return relay_fold(column).contains(fold(text), autoescape=True)
