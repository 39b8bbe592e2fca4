"""A database as text, table by table: read in one consistent look, put into an empty database of either kind.

The tables are taken as they are at their revision, not as the models of today know them; so a backup made by an
older Relay goes into the schema of its own day and is brought up to date afterwards.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, Date, DateTime, Engine, LargeBinary, MetaData, Table, insert, select, text

from relay.cli.backup.archive import BackupReader, BackupWriter
from relay.extensions import begin_reading, begin_writing
from relay.models import list_triggers

FOLDER = "rows/"
SEARCH = ("candidate_search", "partner_people_words")
"""Made of the other tables, and differently for each kind of database."""
BY_TRIGGERS = ("match_checks", *list_triggers.TABLES)
"""What the database itself writes while people and applications are put into it."""
_NOT_OURS = ("alembic_version", "candidate_fts", "partner_people_fts")
_CHUNK_SIZE = 500


def dump(engine: Engine, writing: BackupWriter) -> None:
    """Write every row as of one moment; others go on reading and writing meanwhile."""
    begin_reading()
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            for table in tables(connection):
                _dump_table(connection, table, writing)
            writing.manifest.ids.update(_highest_ids(connection))
    finally:
        begin_writing()


def load(engine: Engine, reading: BackupReader) -> None:
    """Put every row into an empty database that is at the backup's revision; all of them or none."""
    same_kind = engine.dialect.name == reading.manifest.database
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in tables(connection):
            name = f"{FOLDER}{table.name}.jsonl"
            left_out = BY_TRIGGERS if same_kind else (*BY_TRIGGERS, *SEARCH)
            if name in reading.manifest.parts and table.name not in left_out:
                _load_table(connection, table, reading.lines_of(name))
        _continue_ids(connection, reading.manifest.ids)


def tables(connection: Connection) -> list[Table]:
    """Relay's tables as the database has them, parents before children."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: not name.startswith(_NOT_OURS))
    return list(found.sorted_tables)


def _dump_table(connection: Connection, table: Table, writing: BackupWriter) -> None:
    count = 0
    with writing.part(f"{FOLDER}{table.name}.jsonl") as part:
        part.write(_line([column.name for column in table.columns]))
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_CHUNK_SIZE)
        for row in connection.execute(query):
            part.write(_line([_told(value) for value in row]))
            count += 1
    writing.manifest.rows[table.name] = count


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _told(value: Any) -> Any:
    """Return a value as JSON can say it; SQLite gives times without their zone, and they are UTC."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _load_table(connection: Connection, table: Table, lines: Iterator[bytes]) -> None:
    columns = json.loads(next(lines))
    types = {column.name: column.type for column in table.columns}
    for column in table.columns:
        if isinstance(column.type, JSON):
            column.type.none_as_null = bool(column.nullable)
    while some := list(islice(lines, _CHUNK_SIZE)):
        rows = [dict(zip(columns, json.loads(line), strict=True)) for line in some]
        connection.execute(insert(table), [_row(row, types) for row in rows])


def _row(row: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    return {name: _read(value, types[name]) for name, value in row.items()}


def _read(value: Any, kind: Any) -> Any:
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value


def _highest_ids(connection: Connection) -> Iterable[tuple[str, int]]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return [(row.name, row.seq) for row in rows if row.seq and not row.name.startswith(_NOT_OURS)]
    rows = connection.execute(
        text(
            "SELECT sequencename, last_value FROM pg_sequences "
            "WHERE schemaname = current_schema() AND last_value IS NOT NULL"
        )
    )
    return [(row.sequencename.removesuffix("_id_seq"), row.last_value) for row in rows]


def _continue_ids(connection: Connection, highest: dict[str, int]) -> None:
    """Let the next id come after the highest ever given."""
    for name, last in highest.items():
        if name in BY_TRIGGERS:
            continue
        place = {"name": name, "last": last}
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), place)
            continue
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), place)
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), place)
