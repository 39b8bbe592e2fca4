"""Databases at each revision, prepared by walking up once, and the newest one with something in every table."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from relay import migrations
from tests.migrations import dumps
from tests.migrations.contents import contents
from tests.migrations.everything import fill
from tests.prepared import Prepared, opened


@cache
def steps() -> list[tuple[str, str]]:
    """Every revision from the newest down, with the one below it."""
    script = ScriptDirectory(str(migrations.FOLDER))
    return [(each.revision, str(each.down_revision or "base")) for each in script.walk_revisions()]


def at(prepared: Prepared, revision: str) -> str:
    """Prepare the database at this revision, empty; it comes from the one below. Return its name."""
    name = None
    for each, _below in reversed(steps()):
        name = prepared.once(f"at-{each}", partial(migrations.upgrade, revision=each), of=name)
        if each == revision:
            return name
    raise LookupError(revision)


def newest(prepared: Prepared) -> str:
    """Prepare the database at the newest revision, empty. Return its name."""
    return at(prepared, migrations.head())


def filled(prepared: Prepared) -> str:
    """Prepare the database at the newest revision, with something in every table. Return its name."""
    return prepared.once("filled", _fill, of=newest(prepared))


def kept(prepared: Callable[[str], Prepared], each: Prepared, dump: Path) -> str:
    """Prepare a dump's database as it was, not upgraded yet. Return its name."""
    files = prepared("sqlite")
    on_sqlite = files.once(dump.name, partial(_load, dump))
    if each is files:
        return on_sqlite

    def carry_over(target: Engine) -> None:
        with files.copy(on_sqlite) as url, opened(url) as source:
            dumps.carry_over(source, target)
            assert _sizes(target) == _sizes(source)

    return each.once(dump.name, carry_over, of=at(each, dumps.revision_of(dump)))


def _load(dump: Path, engine: Engine) -> None:
    dumps.load(dump, Path(str(engine.url.database)))


def _sizes(engine: Engine) -> dict[str, int]:
    return {table: len(held.rows) for table, held in contents(engine).items()}


def _fill(engine: Engine) -> None:
    with Session(engine) as session:
        fill(session)
