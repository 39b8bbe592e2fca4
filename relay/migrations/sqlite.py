"""Keeping what a batch ALTER on SQLite loses without a word.

The table is copied, dropped and renamed. With foreign keys ON the drop deletes the rows that point to it; and
either way AUTOINCREMENT and the highest id ever given are forgotten, so that a new person could get an erased one's id.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, event, text

_COPY = "_alembic_tmp_"


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Rows may miss their parents inside the block (it has to hold the whole transaction)."""
    _say(connection, "PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        _say(connection, "PRAGMA foreign_keys=ON")


@contextmanager
def ids_never_reused(connection: Connection) -> Iterator[None]:
    """Tables copied inside the block stay AUTOINCREMENT, and their next id is the one it would have been."""
    highest = _highest_ids(connection)
    event.listen(Table, "before_create", _stay_autoincrement)
    try:
        yield
        _restore(connection, highest)
    finally:
        event.remove(Table, "before_create", _stay_autoincrement)


def orphans(connection: Connection) -> list[Any]:
    """Rows whose parent is missing: table, row, the parent's table."""
    return [tuple(row)[:3] for row in connection.execute(text("PRAGMA foreign_key_check"))]


def _stay_autoincrement(table: Table, connection: Connection, **_rest: Any) -> None:
    if not table.name.startswith(_COPY):
        return
    original = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"),
        {"name": table.name.removeprefix(_COPY)},
    ).scalar_one()
    if "AUTOINCREMENT" in original:
        table.dialect_options["sqlite"]["autoincrement"] = True


def _highest_ids(connection: Connection) -> dict[str, int]:
    if not _has_sequences(connection):
        return {}
    rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
    return {row.name: row.seq for row in rows}


def _restore(connection: Connection, highest: dict[str, int]) -> None:
    if not _has_sequences(connection):
        return
    tables = set(connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")).scalars())
    for name in tables & highest.keys():
        place = {"name": name, "seq": highest[name]}
        connection.execute(
            text(
                "INSERT INTO sqlite_sequence (name, seq) SELECT :name, 0 "
                "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)"
            ),
            place,
        )
        connection.execute(text("UPDATE sqlite_sequence SET seq = max(seq, :seq) WHERE name = :name"), place)


def _has_sequences(connection: Connection) -> bool:
    found = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"))
    return found.scalar() is not None


def _say(connection: Connection, pragma: str) -> None:
    """Outside any transaction, where alone SQLite heeds this pragma."""
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(pragma)
