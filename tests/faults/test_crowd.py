"""Eight who write about the same people and eight who read, while the worker is killed: nobody is refused.

The long form, a minute on each database, is tests/soak/test_crowd.py.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DATABASES, Migrated
from tests.crowd import Crowd, crowd

SECONDS, KILLS = 6, 3


@pytest.fixture(params=DATABASES)
def company(request: pytest.FixtureRequest, tmp_path: Path, migrated: Migrated) -> Iterator[Crowd]:
    """A company that has not begun to work yet."""
    with migrated(request.param) as url, crowd(tmp_path, database_url=url) as made:
        yield made


def test_nobody_is_refused_and_everybody_is_found(company: Crowd, capsys: pytest.CaptureFixture[str]) -> None:
    seen = company.work(SECONDS, kills=KILLS)
    company.assert_everybody_is_found()
    with capsys.disabled():
        sys.stdout.write(f" {seen} ")
