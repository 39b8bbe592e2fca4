"""A SQLite database as text that can be kept for years, and read back into SQLite or into PostgreSQL.

The text holds the schema as it was on that day, so a later migration meets the real thing.
"""

import gzip
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, Table, delete, insert, select, text
from sqlalchemy.engine import Connection, RowMapping

from tests.migrations.contents import NOT_OURS

FOLDER = Path(__file__).resolve().parent
FULL_TEXT = ("candidate_fts", "partner_people_fts")
CHUNK_SIZE = 500


def kept() -> list[Path]:
    """Every dump that is kept, the oldest first."""
    return sorted(FOLDER.glob("*.sql.gz"))


def revision_of(dump: Path) -> str:
    """The revision a dump was made at; its name ends with it."""
    return dump.name.removesuffix(".sql.gz").rsplit("-", 1)[-1]


def keep(database: Path, dump: Path) -> None:
    """Write the dump of a SQLite file; the same content gives the same bytes."""
    dump.write_bytes(gzip.compress(written(database).encode(), mtime=0))


def text_of(dump: Path) -> str:
    """The dump's SQL."""
    return gzip.decompress(dump.read_bytes()).decode()


def load(dump: Path, database: Path) -> None:
    """Make a SQLite file of a dump."""
    connection = sqlite3.connect(database)
    connection.executescript(text_of(dump))
    connection.close()


def written(database: Path) -> str:
    """A SQLite file as SQL: tables, rows, the highest ids ever given, indexes, full-text index, triggers."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return "".join(f"{line}\n" for line in _lines(connection))
    finally:
        connection.close()


def carry_over(source: Engine, target: Engine) -> None:
    """Copy the rows of a SQLite database into an empty PostgreSQL database at the same revision."""
    there, here = MetaData(), MetaData()
    with source.connect() as reading, target.begin() as writing:
        there.reflect(reading, only=lambda name, _: not name.startswith(NOT_OURS))
        here.reflect(writing)
        for table in there.sorted_tables:
            goal = here.tables[table.name]
            rows = [_for_postgresql(goal, row) for row in reading.execute(_in_order(table)).mappings()]
            writing.execute(delete(goal))  # what a trigger made of the rows of another table
            for start in range(0, len(rows), CHUNK_SIZE):
                writing.execute(insert(goal), rows[start : start + CHUNK_SIZE])
            _continue_ids(writing, goal, reading)


def _lines(connection: sqlite3.Connection) -> Iterator[str]:
    things = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ).fetchall()
    plain = [(kind, name, sql) for kind, name, sql in things if kind != "table" or not name.startswith(FULL_TEXT)]
    yield "PRAGMA foreign_keys=OFF;\nBEGIN;"
    for kind, name, sql in plain:
        if kind == "table":
            yield f"{sql};"
            yield from _rows(connection, name)
    yield "DELETE FROM sqlite_sequence;"
    yield from _rows(connection, "sqlite_sequence")
    yield from (f"{sql};" for kind, _, sql in plain if kind == "index")
    for kind, name, sql in things:
        if kind == "table" and name in FULL_TEXT:
            yield f"{sql};"
            yield f"INSERT INTO {name}({name}) VALUES ('rebuild');"
    yield from (f"{sql};" for kind, _, sql in plain if kind == "trigger")
    yield "COMMIT;"


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    found = connection.execute(f"PRAGMA table_info({table})").fetchall()
    values = " || ', ' || ".join(f'quote("{column[1]}")' for column in found)
    order = "name" if table == "sqlite_sequence" else ", ".join(column[1] for column in found if column[5]) or "rowid"
    for (row,) in connection.execute(f"SELECT {values} FROM {table} ORDER BY {order}"):
        yield f"INSERT INTO {table} VALUES ({row});"


def _in_order(table: Table) -> Any:
    return select(table).order_by(*table.primary_key.columns)


def _for_postgresql(goal: Table, row: RowMapping) -> dict[str, Any]:
    """SQLite gives times without their zone: they are UTC."""
    return {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in row.items()
        if name in goal.columns
    }


def _continue_ids(writing: Connection, table: Table, reading: Connection) -> None:
    """The next id comes after the highest ever given, as on SQLite."""
    highest = reading.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}).scalar()
    if highest and any(column.identity for column in table.columns):
        writing.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"),
            {"name": table.name, "highest": highest},
        )
