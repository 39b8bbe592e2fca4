"""Many rows of one table at once, as the driver takes them: SQLAlchemy handles every row of an INSERT for itself."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

CHUNK_SIZE = 1_000
A_STATEMENT = 500
"""Rows of one INSERT on SQLite, which opens every index of the table for each statement (bench: relay import)."""


def insert_rows(connection: Connection, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that name the same columns, by the thousand; nothing is filled in and nothing is given back."""
    if not rows:
        return
    table: Table = model.__table__
    dialect = connection.dialect
    names = [column.name for column in table.columns if column.name in rows[0]]
    statement = str(insert(table).compile(dialect=dialect, column_keys=names))
    written = [_as_bound(table, name, dialect) for name in names]
    for start in range(0, len(rows), CHUNK_SIZE):
        part = rows[start : start + CHUNK_SIZE]
        columns = [write([row[name] for row in part]) for name, write in zip(names, written, strict=True)]
        values = list(zip(*columns, strict=True))
        if dialect.positional:
            _insert_some(connection, statement, values)
        else:
            connection.exec_driver_sql(statement, [dict(zip(names, each, strict=True)) for each in values])


def _insert_some(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    head, _values, one_row = statement.rpartition(" VALUES ")
    for start in range(0, len(rows), A_STATEMENT):
        part = rows[start : start + A_STATEMENT]
        every_row = ", ".join([one_row] * len(part))
        connection.exec_driver_sql(f"{head} VALUES {every_row}", tuple(chain.from_iterable(part)))


def _as_bound(table: Table, name: str, dialect: Dialect) -> Callable[[list[Any]], list[Any]]:
    """Return the values of a column as the driver wants them."""
    process = table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return lambda values: values
    return lambda values: converted(values, process)


def converted(values: Iterable[Any], convert: Callable[[Any], Any]) -> list[Any]:
    """Convert each value; one that is repeated, such as the moment of an import, once (bench: relay import)."""
    previous, made = object(), None
    found = []
    for value in values:
        if value is not previous:
            previous, made = value, convert(value)
        found.append(made)
    return found
