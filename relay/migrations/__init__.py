"""The history of the schema, and the functions that walk it; data is kept both ways.

Alembic, which is large, is loaded by those that walk: the web server only asks where the database is.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, inspect, text

import relay.models  # noqa: F401  (fills the metadata)
from relay.extensions import Base

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parent
_FULL_TEXT = ("candidate_fts", "ix_candidate_search_tsv", "partner_people_fts", "ix_partner_people_words_tsv")
"""Written by hand in their migrations: FTS5 and its shadow tables on SQLite, the GIN index on PostgreSQL."""
_BY_EXPRESSION = ("ix_partner_people_work",)
"""Indexes by an expression that PostgreSQL tells in other words than it was given."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, keeping its data."""
    from alembic import command

    command.upgrade(config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision`."""
    from alembic import command

    command.downgrade(config(engine), revision)


def revise(engine: Engine, message: str) -> None:
    """Write the migration of the next number from the difference between models and database, brought up to date."""
    from alembic import command

    upgrade(engine)
    number = f"{int(head()) + 1:04d}"
    command.revision(config(engine), message, autogenerate=True, rev_id=number)


def differences(engine: Engine) -> list[Any]:
    """Return what would have to change in the database to equal the models; nothing, at the newest revision."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=comparing())
        return list(compare_metadata(context, Base.metadata))


def current(engine: Engine) -> str | None:
    """Return the revision the database is at; None before the first."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def is_current(engine: Engine) -> bool:
    """Return whether the database is at the newest revision."""
    return current(engine) == head()


def head() -> str:
    """Return the newest revision."""
    return max(known())


def known() -> set[str]:
    """Return every revision this Relay knows: their files begin with it, and follow each other by it."""
    return {file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py")}


def comparing() -> dict[str, Any]:
    """Return how models and database are compared, here and when a migration is written."""
    return {"target_metadata": Base.metadata, "include_object": _is_compared, "compare_type": True}


def config(engine: Engine) -> "Config":
    """Alembic's configuration for one database."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["engine"] = engine
    return made


def _is_compared(_thing: Any, name: str | None, _kind: str, _reflected: bool, _compare_to: Any) -> bool:
    return name is None or not name.startswith((*_FULL_TEXT, *_BY_EXPRESSION))
