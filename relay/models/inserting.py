"""Many rows of one table at once, as the driver takes them: SQLAlchemy handles every row of an INSERT for itself."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

AT_ONCE = 1_000


def insert_rows(connection: Connection, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that name the same columns, by the thousand; nothing is filled in and nothing is given back."""
    if not rows:
        return
    table: Table = model.__table__
    dialect = connection.dialect
    names = [column.name for column in table.columns if column.name in rows[0]]
    statement = str(insert(table).compile(dialect=dialect, column_keys=names))
    written = [_as_bound(table, name, dialect) for name in names]
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        columns = [write([row[name] for row in part]) for name, write in zip(names, written, strict=True)]
        values: Any = list(zip(*columns, strict=True))
        if not dialect.positional:
            values = [dict(zip(names, each, strict=True)) for each in values]
        connection.exec_driver_sql(statement, values)


def _as_bound(table: Table, name: str, dialect: Dialect) -> Callable[[list[Any]], list[Any]]:
    """Return the values of a column as the driver wants them."""
    process = table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return lambda values: values
    return lambda values: list(map(process, values))
