"""Databases that are prepared once and copied for each test that wants one: a migration costs seconds, a copy nothing.

The workers of one run share them: whoever comes first prepares, the others wait.
"""

import fcntl
import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, text

from relay import migrations


class Prepared(ABC):
    """The prepared databases of one kind, by name."""

    def __init__(self, folder: Path) -> None:
        """Lie in the folder; what belongs to a database, such as files of its installation, may lie beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._known: set[str] = set()

    def once(self, name: str, change: Callable[[Engine], object], *, of: str | None = None) -> str:
        """Prepare the database `name` unless it is there: a copy of `of`, or an empty one, changed. Return its name."""
        if name in self._known:
            return name
        with _one_at_a_time(self.folder / f"{name}.lock"):
            if not self._is_there(name):
                half = f"{name}.half"
                self._copy(of, half)
                with opened(self._url(half)) as engine:
                    change(engine)
                self._rename(half, name)
        self._known.add(name)
        return name

    @contextmanager
    def copy(self, of: str | None = None) -> Iterator[str]:
        """Yield the URL of a copy of a prepared database, or of an empty one; it is gone afterwards.

        The prepared one itself is never opened: PostgreSQL copies none that is in use.
        """
        name = uuid.uuid4().hex
        self._copy(of, name)
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def installed(self, of: str | None, folder: Path) -> AbstractContextManager[str]:
        """Give an installation a copy of a prepared database, or an empty one: the address to set, or none."""
        return self.copy(of)

    @abstractmethod
    def _url(self, name: str) -> str: ...

    @abstractmethod
    def _is_there(self, name: str) -> bool: ...

    @abstractmethod
    def _copy(self, of: str | None, goal: str) -> None: ...

    @abstractmethod
    def _rename(self, name: str, goal: str) -> None: ...

    @abstractmethod
    def _drop(self, name: str) -> None: ...


class Files(Prepared):
    """SQLite: a database is a file."""

    @contextmanager
    def installed(self, of: str | None, folder: Path) -> Iterator[str]:
        """Lay a copy into the folder, as the file an installation has there for its user alone."""
        if of is not None:
            file = folder / "relay.sqlite3"
            file.touch(0o600)
            shutil.copyfile(self._file(of), file)
        yield ""

    def _url(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}"

    def _is_there(self, name: str) -> bool:
        return self._file(name).exists()

    def _copy(self, of: str | None, goal: str) -> None:
        self._drop(goal)
        if of is not None:
            shutil.copyfile(self._file(of), self._file(goal))

    def _rename(self, name: str, goal: str) -> None:
        self._file(name).rename(self._file(goal))

    def _drop(self, name: str) -> None:
        for file in self.folder.glob(f"{name}.sqlite3*"):
            file.unlink()

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


class OnServer(Prepared):
    """PostgreSQL: a database is copied as a template, its files as they are."""

    def __init__(self, folder: Path, server: str) -> None:
        super().__init__(folder)
        self._server = server

    def _url(self, name: str) -> str:
        return self._server.replace("/postgres?", f"/prepared_{name}?")

    def _is_there(self, name: str) -> bool:
        return self._say(f"SELECT count(*) FROM pg_database WHERE datname = 'prepared_{name}'") == 1

    def _copy(self, of: str | None, goal: str) -> None:
        self._drop(goal)
        template = "template1" if of is None else f"prepared_{of}"
        self._say(f'CREATE DATABASE "prepared_{goal}" TEMPLATE "{template}" STRATEGY file_copy')

    def _rename(self, name: str, goal: str) -> None:
        self._say(f'ALTER DATABASE "prepared_{name}" RENAME TO "prepared_{goal}"')

    def _drop(self, name: str) -> None:
        self._say(f'DROP DATABASE IF EXISTS "prepared_{name}" WITH (FORCE)')

    def _say(self, statement: str) -> object:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None


def up_to_date(prepared: Prepared) -> str:
    """Prepare a database as an installation has it before anybody is in it. Return its name."""
    return prepared.once("up-to-date", migrations.upgrade)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Yield an engine for the URL that lets go of the database afterwards: one in use cannot be copied."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _one_at_a_time(file: Path) -> Iterator[None]:
    """Hold the file's lock, against other processes, too."""
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
