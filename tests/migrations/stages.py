"""Databases at each revision, prepared by walking up once, and the newest one with something in every table."""

from functools import partial

from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from relay import migrations
from tests.migrations.everything import fill
from tests.prepared import Prepared


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


def _fill(engine: Engine) -> None:
    with Session(engine) as session:
        fill(session)
