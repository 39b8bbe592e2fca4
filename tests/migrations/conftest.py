"""Databases at a revision, and revisions that are not written yet."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Engine

from relay import migrations
from tests.conftest import DATABASES
from tests.migrations import stages
from tests.prepared import Prepared, opened

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


@pytest.fixture(scope="session", params=DATABASES)
def each(request: pytest.FixtureRequest, prepared: Callable[[str], Prepared]) -> Prepared:
    """The prepared databases, once of each kind."""
    return prepared(request.param)


@pytest.fixture
def database(each: Prepared) -> Iterator[Engine]:
    """A database without anything in it, once of each kind."""
    with each.copy() as url, opened(url) as engine:
        yield engine


@pytest.fixture
def newest(each: Prepared) -> Iterator[Engine]:
    """An empty database at the newest revision, once of each kind."""
    with each.copy(stages.newest(each)) as url, opened(url) as engine:
        yield engine


@pytest.fixture
def filled(each: Prepared) -> Iterator[Engine]:
    """A database at the newest revision with something in every table, once of each kind."""
    with each.copy(stages.filled(each)) as url, opened(url) as engine:
        yield engine


@pytest.fixture
def later(tmp_path: Path) -> Callable[..., Config]:
    """Write a revision on top of the newest one, as an engineer would; gives the configuration that knows it."""

    def write(engine: Engine, up: str, down: str = "pass") -> Config:
        folder = tmp_path / "later"
        folder.mkdir(exist_ok=True)
        source = _REVISION.format(revision=LATER, head=migrations.head(), up=_indented(up), down=_indented(down))
        (folder / f"{LATER}_later.py").write_text(source, encoding="utf-8")
        config = migrations.config(engine)
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{migrations.FOLDER / 'versions'}\n{folder}")
        return config

    return write


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.splitlines())
