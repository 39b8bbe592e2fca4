"""Keeping what a batch ALTER on SQLite loses without a word.

The table is copied, dropped and renamed. With foreign keys ON the drop deletes the rows that point to it; and
either way AUTOINCREMENT and the highest id ever given are forgotten, so that a new person could get an erased one's id.
Indexes by an expression are not copied, for SQLAlchemy cannot read them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, event, text

_COPY = "_alembic_tmp_"
_RENAMED = re.compile(rf"""ALTER TABLE "?(?P<copy>{_COPY}\w+)"? RENAME TO """)


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Rows may miss their parents inside the block, and triggers their tables (it has to hold the whole transaction).

    A copy is renamed while the triggers of other tables name one that is gone: by default SQLite refuses that.
    """
    _say(connection, "PRAGMA foreign_keys=OFF")
    _say(connection, "PRAGMA legacy_alter_table=ON")
    try:
        yield
    finally:
        _say(connection, "PRAGMA legacy_alter_table=OFF")
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


@contextmanager
def expression_indexes_kept(connection: Connection) -> Iterator[None]:
    """Make indexes by an expression again as soon as a table copied inside the block has its name back."""
    kept: dict[str, list[str]] = {}

    def remember(table: Table, _connection: Connection, **_rest: Any) -> None:
        if table.name.startswith(_COPY):
            kept[table.name] = _expression_indexes(connection, table.name.removeprefix(_COPY))

    def make_again(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if renamed := _RENAMED.match(statement):
            for sql in kept.pop(renamed["copy"], []):
                connection.execute(text(sql))

    event.listen(Table, "before_create", remember)
    event.listen(connection, "after_cursor_execute", make_again)
    try:
        yield
    finally:
        event.remove(connection, "after_cursor_execute", make_again)
        event.remove(Table, "before_create", remember)


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


def _expression_indexes(connection: Connection, table: str) -> list[str]:
    """Return the CREATE INDEX of each index of the table with a part that is no column (cid -2)."""
    found = connection.execute(
        text(
            "SELECT sql FROM sqlite_master AS made WHERE type = 'index' AND tbl_name = :table "
            "AND EXISTS (SELECT 1 FROM pragma_index_xinfo(made.name) WHERE cid = -2)"
        ),
        {"table": table},
    )
    return list(found.scalars())


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
