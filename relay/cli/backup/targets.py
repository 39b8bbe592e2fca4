"""Where a backup goes: a fresh database beside the present one, which takes its place in one step once all is well.

Until that step the present database stays as it is, whatever goes wrong.
"""

import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from relay.errors import DomainError
from relay.extensions import Base, only_reading
from relay.models import triggers

_PEOPLE = ("users", "candidates", "profiles")
_OLDER = ("alembic_version",)
_STAGE = "relay_restoring"
_ENDING_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.1


class StillInUse(DomainError):
    """Raise while the web server or the worker has the database open."""

    code = "database-in-use"
    message = (
        "データベースが使われています。何も変更していません。"
        "systemctl stop relay-web relay-worker.target で止めてから、もう一度実行してください。"
    )


class SchemaNotAllowed(DomainError):
    """Raise where the database user may not create a schema."""

    code = "schema-not-allowed"
    message = (
        "データベースのユーザーに、スキーマを作る権限がありません。このユーザーの持ち物として作った"
        "データベース（createdb --owner）を使ってください。何も変更していません。"
    )


class Target(ABC):
    """The database of this installation, seen as something to be replaced."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def holds_people(self) -> bool:
        """Return whether anybody is in it; one that cannot be read counts as full."""
        try:
            with only_reading(), self._engine.connect() as connection:
                present = set(inspect(connection).get_table_names())
                return any(
                    connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() is not None  # noqa: S608
                    for name in _PEOPLE
                    if name in present
                )
        except SQLAlchemyError:
            return True

    def erased(self) -> set[str]:
        """Return the hashes of the people erased here, as far as they can be read."""
        try:
            with only_reading(), self._engine.connect() as connection:
                return set(connection.execute(text("SELECT key_hash FROM erased_keys")).scalars())
        except SQLAlchemyError:
            return set()

    @abstractmethod
    def refuse_in_use(self) -> None:
        """Raise StillInUse while web server or worker have it open."""

    @abstractmethod
    def stage(self) -> Engine:
        """Return an empty database beside it."""

    @abstractmethod
    def install(self) -> None:
        """Let the staged one take its place."""

    @abstractmethod
    def clear(self) -> None:
        """Take the staged one away, if it is still there."""


def target_of(engine: Engine) -> Target:
    """Return the target for this kind of database."""
    return InSchema(engine) if engine.dialect.name == "postgresql" else InFile(engine)


class InFile(Target):
    """SQLite: the fresh database is a file of its own, renamed at the end."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._path = Path(engine.url.database or "")
        self._staged = self._path.with_name(f"{self._path.name}.restoring")
        self._fresh: Engine | None = None

    def holds_people(self) -> bool:
        """Return whether people are in the file, without creating a missing one."""
        return self._path.exists() and super().holds_people()

    def erased(self) -> set[str]:
        """Return the erased hashes of the file, without creating a missing one."""
        return super().erased() if self._path.exists() else set()

    def refuse_in_use(self) -> None:
        """Leaving the write-ahead log needs the file for oneself."""
        if not self._path.exists():
            return
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA busy_timeout = 500")
            connection.cursor().execute("PRAGMA journal_mode = DELETE")
        except Exception as error:
            if "locked" in str(error):
                raise StillInUse from error
        finally:
            connection.invalidate()
            self._engine.dispose()

    def stage(self) -> Engine:
        """Return a file with another name in the same folder."""
        self.clear()
        self._fresh = create_engine(f"sqlite:///{self._staged}", hide_parameters=True)
        return self._fresh

    def install(self) -> None:
        """Close the fresh file, forget the log of the old one, and rename."""
        assert self._fresh is not None
        connection = self._fresh.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self._fresh.dispose()
        self._engine.dispose()
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        self._staged.replace(self._path)
        self.clear()

    def clear(self) -> None:
        """Remove the file and its log."""
        if self._fresh is not None:
            self._fresh.dispose()
        for ending in ("", "-wal", "-shm"):
            self._staged.with_name(self._staged.name + ending).unlink(missing_ok=True)


class InSchema(Target):
    """PostgreSQL: the fresh tables stand in a schema of their own and are moved over in one transaction."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._fresh: Engine | None = None

    def refuse_in_use(self) -> None:
        """Raise StillInUse while others are connected; the server ends a connection a moment after it was closed."""
        self._engine.dispose()
        until = time.monotonic() + _ENDING_SECONDS
        while self._others():
            if time.monotonic() > until:
                raise StillInUse
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _others(self) -> bool:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with only_reading(), self._engine.connect() as connection:
            return bool(connection.execute(text(f"{others} AND backend_type = 'client backend'")).scalar())

    def stage(self) -> Engine:
        """Return a schema beside the present one. Raises SchemaNotAllowed."""
        self.clear()
        try:
            self._say(f"CREATE SCHEMA {_STAGE}")
        except DatabaseError as error:
            raise SchemaNotAllowed from error
        self._fresh = create_engine(self._engine.url, hide_parameters=True)
        event.listen(self._fresh, "connect", _look_into_stage, insert=True)
        return self._fresh

    def install(self) -> None:
        """Drop the present tables and move the fresh ones over; all of it or nothing."""
        assert self._fresh is not None
        self._fresh.dispose()
        with self._engine.begin() as connection:
            fresh = inspect(connection).get_table_names(schema=_STAGE)
            for name in {*Base.metadata.tables, *_OLDER, *fresh} & set(inspect(connection).get_table_names()):
                connection.execute(text(f"DROP TABLE {name} CASCADE"))
            for name in triggers.FUNCTIONS:
                connection.execute(text(f"DROP FUNCTION IF EXISTS {name}()"))
            goal = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
            for name in fresh:
                connection.execute(text(f"ALTER TABLE {_STAGE}.{name} SET SCHEMA {goal}"))
            for name in triggers.FUNCTIONS:
                connection.execute(text(f"ALTER FUNCTION {_STAGE}.{name}() SET SCHEMA {goal}"))
            connection.execute(text(f"DROP SCHEMA {_STAGE}"))

    def clear(self) -> None:
        """Remove the schema with all that is in it."""
        if self._fresh is not None:
            self._fresh.dispose()
        self._say(f"DROP SCHEMA IF EXISTS {_STAGE} CASCADE")

    def _say(self, statement: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(text(statement))


def _look_into_stage(connection: Any, _record: Any) -> None:
    """Outside a transaction, so that no rollback takes it back."""
    connection.autocommit = True
    connection.execute(f"SET search_path TO {_STAGE}")
    connection.autocommit = False
