"""Running a migration: one transaction; append-only triggers and search triggers are remade at its end.

On SQLite foreign keys are off meanwhile and checked at the end: a migration that would leave a row
without its parent is refused whole.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, Engine

from relay.migrations import comparing, sqlite
from relay.models import triggers


def render_item(kind: str, thing: Any, autogen_context: Any) -> str | Literal[False]:
    """Write our column types with their import."""
    if kind == "type" and type(thing).__module__.startswith("relay."):
        autogen_context.imports.add("from relay.models.base import UtcDateTime")
        return f"{type(thing).__name__}()"
    return False


def run(engine: Engine) -> None:
    """Walk the revisions on one connection. Raises RuntimeError where rows would be left without their parent."""
    with engine.connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        context.configure(
            connection=connection,
            render_item=render_item,
            render_as_batch=on_sqlite,
            transactional_ddl=True,
            **comparing(),
        )
        with _sqlite_without_foreign_keys(connection), context.begin_transaction():
            with _sqlite_loses_nothing(connection):
                context.run_migrations()
            triggers.install(connection)
            if on_sqlite and (broken := sqlite.orphans(connection)):
                raise RuntimeError(f"the migration would leave rows without their parent: {broken[:5]}")


@contextmanager
def _sqlite_loses_nothing(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "sqlite":
        with sqlite.ids_never_reused(connection), sqlite.expression_indexes_kept(connection):
            yield
    else:
        yield


def _sqlite_without_foreign_keys(connection: Connection) -> AbstractContextManager[None]:
    return sqlite.without_foreign_keys(connection) if connection.dialect.name == "sqlite" else nullcontext()


run(context.config.attributes["engine"])
