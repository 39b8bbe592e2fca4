"""How a migration runs: one transaction; on SQLite without foreign keys, which are checked at the end.

Batch ALTER with foreign keys ON deletes the children of the altered table without a word, and drops
its triggers either way; so keys are off, then checked, and triggers are made anew.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, inspect, text

import relay.models  # noqa: F401  (fills the metadata)
from relay.extensions import Base
from relay.models import triggers


def include_object(_thing: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave the full-text index and its shadow tables to their migration."""
    return not (kind == "table" and name is not None and name.startswith("candidate_fts"))


def render_item(kind: str, thing: Any, autogen_context: Any) -> str | bool:
    """Write our column types with their import."""
    if kind == "type" and type(thing).__module__.startswith("relay."):
        autogen_context.imports.add("from relay.models.base import UtcDateTime")
        return f"{type(thing).__name__}()"
    return False


def run(engine: Engine) -> None:
    """Walk the revisions on one connection."""
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _foreign_keys(connection, on=False)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=sqlite,
            include_object=include_object,
            render_item=render_item,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if inspect(connection).has_table("credit_entries"):
                triggers.install(connection)
            if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
                raise RuntimeError(f"the migration would leave rows without their parent: {broken[:5]}")
        if sqlite:
            _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


run(context.config.attributes["engine"])
