"""Many rows of one table at once, as the driver takes them: SQLAlchemy handles every row of an INSERT for itself.

All but the last step needs no transaction: ids are given out before (`take_ids`), and rows put into the driver's terms
(`bound`). On SQLite, where one writer holds up all others, only `insert_bound` is left for the time of the lock.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert, text
from sqlalchemy.orm import Session

CHUNK_SIZE = 1_000
A_STATEMENT = 500
"""Rows of one INSERT on SQLite, which opens every index of the table for each statement (bench: relay import)."""


_CACHE, _CACHE_BY_DEFAULT = -131_072, -2_000
"""Memory for pages of the database in KiB, below 0 as SQLite counts it: while many rows come in, and else."""

Bound = tuple[str, Any]
"""A statement and its parameters, as the driver takes them."""


def insert_rows(
    connection: Connection, model: Any, rows: Sequence[dict[str, Any]], *, as_stored: Collection[str] = ()
) -> None:
    """Insert rows that name the same columns, by the thousand; nothing is filled in and nothing is given back.

    `as_stored`: columns whose values are in the driver's terms already.
    """
    insert_bound(connection, bound(connection.dialect, model, rows, as_stored=as_stored))


def bound(
    dialect: Dialect, model: Any, rows: Sequence[dict[str, Any]], *, as_stored: Collection[str] = ()
) -> Iterator[Bound]:
    """Yield the statements that insert rows that name the same columns."""
    if not rows:
        return
    table: Table = model.__table__
    names = [column.name for column in table.columns if column.name in rows[0]]
    statement = str(insert(table).compile(dialect=dialect, column_keys=names))
    written = [_as_it_is if name in as_stored else _as_bound(table, name, dialect) for name in names]
    for start in range(0, len(rows), CHUNK_SIZE):
        part = rows[start : start + CHUNK_SIZE]
        columns = [write([row[name] for row in part]) for name, write in zip(names, written, strict=True)]
        values = list(zip(*columns, strict=True))
        if dialect.positional:
            yield from _some_at_once(statement, values)
        else:
            yield statement, [dict(zip(names, each, strict=True)) for each in values]


def insert_bound(connection: Connection, statements: Iterable[Bound]) -> None:
    """Run what `bound` gave."""
    for statement, parameters in statements:
        connection.exec_driver_sql(statement, parameters)


def take_ids(connection: Connection, counts: Mapping[Any, int]) -> dict[Any, Sequence[int]]:
    """Give out ids for so many rows of each model, in the caller's transaction; rows that never come leave a gap."""
    wanted = {model.__tablename__: n for model, n in counts.items() if n}
    take = _take_of_sequences if connection.dialect.name == "postgresql" else _take_of_last
    given = take(connection, wanted) if wanted else {}
    return {model: given.get(model.__tablename__, ()) for model in counts}


def _take_of_sequences(connection: Connection, wanted: Mapping[str, int]) -> Mapping[str, Sequence[int]]:
    tables = "unnest(CAST(:names AS text[]), CAST(:counts AS int[])) AS t (name, n)"
    taken = f"SELECT name, nextval(pg_get_serial_sequence(name, 'id')) FROM {tables}, generate_series(1, n)"  # noqa: S608
    given: dict[str, list[int]] = defaultdict(list)
    for name, one_id in connection.execute(text(taken), {"names": [*wanted], "counts": [*wanted.values()]}):
        given[name].append(one_id)
    return given


def _take_of_last(connection: Connection, wanted: Mapping[str, int]) -> Mapping[str, Sequence[int]]:
    """Raise the last id ever given, which SQLite counts on from (https://sqlite.org/autoinc.html)."""
    last: dict[str, int] = dict(connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all())
    if new := [{"name": name} for name in wanted if name not in last]:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, 0)"), new)
    raised = text("UPDATE sqlite_sequence SET seq = seq + :n WHERE name = :name")
    connection.execute(raised, [{"name": name, "n": n} for name, n in wanted.items()])
    return {name: range(last.get(name, 0) + 1, last.get(name, 0) + 1 + n) for name, n in wanted.items()}


@contextmanager
def large_cache(session: Session) -> Iterator[None]:
    """Let SQLite keep growing indexes in memory; else it writes and reads their pages again (bench: relay import).

    Only inside the block: each connection would hold as much (`tests.bench.memory`).
    """
    connection = session.connection()
    on_sqlite = connection.dialect.name == "sqlite"
    if on_sqlite:
        connection.exec_driver_sql(f"PRAGMA cache_size={_CACHE}")
    yield
    if on_sqlite:
        connection.exec_driver_sql(f"PRAGMA cache_size={_CACHE_BY_DEFAULT}")


def _some_at_once(statement: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[Bound]:
    head, _values, one_row = statement.rpartition(" VALUES ")
    for start in range(0, len(rows), A_STATEMENT):
        part = rows[start : start + A_STATEMENT]
        every_row = ", ".join([one_row] * len(part))
        yield f"{head} VALUES {every_row}", tuple(chain.from_iterable(part))


def _as_bound(table: Table, name: str, dialect: Dialect) -> Callable[[list[Any]], list[Any]]:
    """Return the values of a column as the driver wants them."""
    process = table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return _as_it_is
    return lambda values: converted(values, process)


def _as_it_is(values: list[Any]) -> list[Any]:
    return values


def converted(values: Iterable[Any], convert: Callable[[Any], Any]) -> list[Any]:
    """Convert each value; one that is repeated, such as the moment of an import, once (bench: relay import)."""
    previous, made = object(), None
    found = []
    for value in values:
        if value is not previous:
            previous, made = value, convert(value)
        found.append(made)
    return found
