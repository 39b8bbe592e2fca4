"""What a database holds and how it is built, taken down so that two moments can be compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

NOT_OURS = ("alembic_version", "candidate_fts", "partner_people_fts")
"""Alembic's own note, and FTS5 with its shadow tables: made of candidate_search, so checked against that."""


@dataclass(frozen=True)
class Held:
    """One table: its columns and its rows, in the order of the primary key."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def only(self, columns: list[str]) -> list[tuple[Any, ...]]:
        """The rows, cut to these columns."""
        places = [self.columns.index(name) for name in columns]
        return [tuple(row[place] for place in places) for row in self.rows]

    def sums(self) -> dict[str, Decimal]:
        """The sum of every column that holds whole numbers."""
        kinds = {name: [row[place] for row in self.rows] for place, name in enumerate(self.columns)}
        return {
            name: Decimal(sum(int(value) for value in values if value is not None))
            for name, values in kinds.items()
            if all(value is None or isinstance(value, int) for value in values)
        }


Contents = dict[str, Held]


def contents(engine: Engine) -> Contents:
    """Everything in every table."""
    with engine.connect() as connection:
        found, held = inspect(connection), {}
        every, keyed = _by_table(found.get_multi_columns()), _by_table(found.get_multi_pk_constraint())
        for table in _tables(connection):
            columns = tuple(column["name"] for column in every[table])
            keys = keyed[table]["constrained_columns"]
            listed = ", ".join(f'"{name}"' for name in columns)
            rows = connection.execute(text(f"SELECT {listed} FROM {table} ORDER BY {', '.join(keys)}"))
            held[table] = Held(columns, tuple(tuple(row) for row in rows))
        return held


def tables(engine: Engine) -> list[str]:
    """The names of our own tables."""
    with engine.connect() as connection:
        return _tables(connection)


def lost(before: Contents, after: Contents, excused: frozenset[str] = frozenset()) -> list[str]:
    """What tables and columns that are on both sides no longer hold; `excused` names a "table" or "table.column"."""
    sentences = []
    for table in sorted((before.keys() & after.keys()) - excused):
        was, now = before[table], after[table]
        if len(was.rows) != len(now.rows):
            sentences.append(f"{table}: {len(was.rows)} rows became {len(now.rows)}")
            continue
        kept = [name for name in was.columns if name in now.columns and f"{table}.{name}" not in excused]
        sentences += [f"{table}.{name} changed" for name in kept if was.only([name]) != now.only([name])]
    return sentences


def built(engine: Engine) -> dict[str, dict[str, Any]]:
    """How every table is built, comparable across two databases of one kind."""
    numbered = never_reusing(engine)
    with engine.connect() as connection:
        found = inspect(connection)
        columns, keys = _by_table(found.get_multi_columns()), _by_table(found.get_multi_pk_constraint())
        references, unique = _by_table(found.get_multi_foreign_keys()), _by_table(found.get_multi_unique_constraints())
        checks, indexes = _by_table(found.get_multi_check_constraints()), _by_table(found.get_multi_indexes())
        return {
            table: {
                "columns": {column["name"]: _column(column) for column in columns[table]},
                "key": keys[table]["constrained_columns"],
                "references": sorted(_plain(each) for each in references[table]),
                "unique": sorted(_plain(each) for each in unique[table]),
                "checks": sorted(_plain(each) for each in checks[table]),
                "indexes": sorted(_plain(each) for each in indexes[table]),
                "ids never reused": table in numbered,
            }
            for table in _tables(connection)
        }


def never_reusing(engine: Engine) -> set[str]:
    """The tables whose ids the database itself never gives twice."""
    on_sqlite = engine.dialect.name == "sqlite"
    question = (
        "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
        if on_sqlite
        else "SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES'"
    )
    with engine.connect() as connection:
        return set(connection.execute(text(question)).scalars())


def triggers(engine: Engine) -> set[str]:
    """The names of all triggers of ours."""
    question = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return set(connection.execute(text(question)).scalars())


def _tables(connection: Connection) -> list[str]:
    return sorted(name for name in inspect(connection).get_table_names() if not name.startswith(NOT_OURS))


def _by_table(found: Mapping[Any, Any]) -> dict[str, Any]:
    """What was found of all tables at once, without the name of their schema."""
    return {table: of_table for (_schema, table), of_table in found.items()}


def _column(column: Any) -> dict[str, str]:
    return {name: str(column[name]) for name in ("type", "nullable", "default", "identity") if name in column}


def _plain(constraint: Any) -> str:
    """A constraint as text, with expressions written out instead of where they lie in memory."""
    parts = dict(constraint)
    options = {name: str(value) for name, value in (parts.pop("dialect_options", None) or {}).items()}
    return re.sub(r"\s+", " ", f"{sorted(parts.items(), key=lambda part: str(part[0]))} {sorted(options.items())}")
