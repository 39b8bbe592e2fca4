"""The history of the schema, and the functions that walk it."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

import relay.models  # noqa: F401  (fills the metadata)
from relay.extensions import Base

FOLDER = Path(__file__).resolve().parent
_FULL_TEXT = ("candidate_fts", "ix_candidate_search_tsv")
"""Written by hand in their migrations: FTS5 and its shadow tables on SQLite, the GIN index on PostgreSQL."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, keeping its data."""
    command.upgrade(config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision`."""
    command.downgrade(config(engine), revision)


def revise(engine: Engine, message: str) -> None:
    """Write a new migration from the difference between models and database (for engineers)."""
    command.revision(config(engine), message, autogenerate=True)


def differences(engine: Engine) -> list[Any]:
    """What would have to change in the database to equal the models; nothing, at the newest revision."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=comparing())
        return list(compare_metadata(context, Base.metadata))


def current(engine: Engine) -> str | None:
    """The revision the database is at; None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    """Whether the database is at the newest revision."""
    return current(engine) == head()


def head() -> str | None:
    """The newest revision."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def known() -> set[str]:
    """Every revision this Relay knows."""
    return {script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()}


def comparing() -> dict[str, Any]:
    """How models and database are compared, here and when a migration is written."""
    return {"target_metadata": Base.metadata, "include_object": _is_compared, "compare_type": True}


def config(engine: Engine) -> Config:
    """Alembic's configuration for one database."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["engine"] = engine
    return made


def _is_compared(_thing: Any, name: str | None, _kind: str, _reflected: bool, _compare_to: Any) -> bool:
    return name is None or not name.startswith(_FULL_TEXT)
