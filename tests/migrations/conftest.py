"""Databases that no migration has touched yet, and revisions that are not written yet."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Engine, create_engine

from relay import migrations
from tests.conftest import DATABASES, fresh_postgresql

LATER = "9999"
_REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{revision}", "{head}", None, None


def upgrade():
{up}


def downgrade():
{down}
"""


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without anything in it, once of each kind."""
    if request.param == "sqlite":
        yield from _engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        with fresh_postgresql(request.getfixturevalue("postgresql"), f"empty_{tmp_path.name}") as url:
            yield from _engine(url)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database at the newest revision."""
    for engine in _engine(f"sqlite:///{tmp_path / 'relay.sqlite3'}"):
        migrations.upgrade(engine)
        yield engine


@pytest.fixture
def later(tmp_path: Path) -> Callable[..., Config]:
    """Write a revision on top of the newest one, as an engineer would; gives the configuration that knows it."""

    def write(engine: Engine, up: str, down: str = "pass") -> Config:
        folder = tmp_path / "later"
        folder.mkdir()
        source = _REVISION.format(revision=LATER, head=migrations.head(), up=_indented(up), down=_indented(down))
        (folder / f"{LATER}_later.py").write_text(source, encoding="utf-8")
        config = migrations.config(engine)
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{migrations.FOLDER / 'versions'}\n{folder}")
        return config

    return write


def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.splitlines())
