"""Counting what is said to the database, so that a page whose queries grow with its rows fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements run inside the block."""
    statements: list[str] = []
    with _heard(engine, lambda statement, _values: statements.append(statement)):
        yield statements


@contextmanager
def said(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements run inside the block, with their values."""
    statements: list[tuple[str, Any]] = []
    with _heard(engine, lambda statement, values: statements.append((statement, values))):
        yield statements


@contextmanager
def _heard(engine: Engine, hear: Callable[[str, Any], None]) -> Iterator[None]:
    def heard(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            hear(statement, values)

    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", heard)
