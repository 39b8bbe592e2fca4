"""Many rows of one table at once, as the driver takes them: SQLAlchemy handles every row of an INSERT for itself.

All but the last step needs no transaction: ids are given out before (`take_ids`), and rows put into the driver's terms
(`bound`). On SQLite, where one writer holds up all others, only `insert_bound` is left for the time of the lock.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert, text
from sqlalchemy.orm import Session

from relay.models.upsert import Insert, insert_of

CHUNK_SIZE = 1_000
A_STATEMENT = 500
"""Rows of one INSERT on SQLite, which opens every index of the table for each statement (bench: relay import)."""


_CACHE, _CACHE_BY_DEFAULT = -131_072, -2_000
"""Memory for pages of the database in KiB, below 0 as SQLite counts it: while many rows come in, and else."""

Bound = tuple[str, Any]
"""A statement and its parameters, as the driver takes them."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """An INSERT of some columns in the words of one database, and what puts the values of each into the driver's."""

    text: str
    names: tuple[str, ...]
    convert: tuple[Callable[[Any], Any] | None, ...]


_COMPILED: dict[tuple[str, Any, tuple[str, ...], str], _Compiled] = {}  # tricks: import
"""By database, model, columns, and the key of those that take the place of a row that is there."""


def insert_rows(
    connection: Connection, model: Any, rows: Sequence[dict[str, Any]], *, as_stored: Collection[str] = ()
) -> None:
    """Insert rows that name the same columns, by the thousand; nothing is filled in and nothing is given back.

    `as_stored`: columns whose values are in the driver's terms already.
    """
    insert_bound(connection, bound(connection.dialect, model, rows, as_stored=as_stored))


def upsert_rows(connection: Connection, model: Any, rows: Sequence[dict[str, Any]], *, key: str) -> None:
    """Insert rows that name the same columns; where one of its `key` is there, of the same company, replace its values.

    Of two at once the later one waits for the other, and none is refused.
    """
    insert_bound(connection, _bound(connection.dialect, model, rows, key=key))


def bound(
    dialect: Dialect, model: Any, rows: Sequence[dict[str, Any]], *, as_stored: Collection[str] = ()
) -> Iterator[Bound]:
    """Yield the statements that insert rows that name the same columns."""
    return _bound(dialect, model, rows, as_stored=as_stored)


def _bound(
    dialect: Dialect, model: Any, rows: Sequence[dict[str, Any]], *, as_stored: Collection[str] = (), key: str = ""
) -> Iterator[Bound]:
    if not rows:
        return
    compiled = _compiled(dialect, model, tuple(c.name for c in model.__table__.c if c.name in rows[0]), key)
    names = compiled.names
    written = [
        convert if name not in as_stored else None for name, convert in zip(names, compiled.convert, strict=True)
    ]
    for start in range(0, len(rows), CHUNK_SIZE):
        part = rows[start : start + CHUNK_SIZE]
        columns = [
            converted((row[name] for row in part), convert) if convert else [row[name] for row in part]
            for name, convert in zip(names, written, strict=True)
        ]
        values = list(zip(*columns, strict=True))
        if dialect.positional:
            yield from _some_at_once(compiled.text, values)
        else:
            yield compiled.text, [dict(zip(names, each, strict=True)) for each in values]


def _compiled(dialect: Dialect, model: Any, names: tuple[str, ...], key: str) -> _Compiled:
    """Return the INSERT, compiled once: that takes longer than one row takes."""
    if (known := _COMPILED.get((dialect.name, model, names, key))) is None:
        table: Table = model.__table__
        statement = _replacing(insert_of(dialect, table), names, key) if key else insert(table)
        convert = tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
        known = _Compiled(str(statement.compile(dialect=dialect, column_keys=names)), names, convert)
        _COMPILED[dialect.name, model, names, key] = known
    return known


def _replacing(statement: Insert, names: tuple[str, ...], key: str) -> Insert:
    table, told = statement.table, statement.excluded
    new = {name: told[name] for name in names if name not in (key, "company_id")}
    return statement.on_conflict_do_update(index_elements=[key], set_=new, where=table.c.company_id == told.company_id)


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
    head, _values, rest = statement.partition(" VALUES ")
    one_row, conflict, after = rest.partition(" ON CONFLICT ")
    for start in range(0, len(rows), A_STATEMENT):
        part = rows[start : start + A_STATEMENT]
        every_row = ", ".join([one_row] * len(part))
        yield f"{head} VALUES {every_row}{conflict}{after}", tuple(chain.from_iterable(part))


def converted(values: Iterable[Any], convert: Callable[[Any], Any]) -> list[Any]:
    """Convert each value; one that is repeated, such as the moment of an import, once (bench: relay import)."""
    previous, made = object(), None
    found = []
    for value in values:
        if value is not previous:
            previous, made = value, convert(value)
        found.append(made)
    return found
