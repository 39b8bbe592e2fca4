"""Many people at the same thing in the same instant: each is answered, and the count stays true (E-6).

The long form, twenty rounds of each on PostgreSQL, is tests/soak/test_races.py.
"""

from collections.abc import Iterator

import pytest

from tests.conftest import DATABASES, Migrated
from tests.racing import Course, course


@pytest.fixture(scope="module", params=DATABASES)
def races(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated: Migrated
) -> Iterator[Course]:
    """A Relay of three processes with its cast, for all tests here."""
    folder = tmp_path_factory.mktemp("races")
    with migrated(request.param) as url, course(folder, database_url=url) as made:
        yield made


def test_sign_ins_at_once_of_which_half_are_right(races: Course) -> None:
    races.sign_ins()


def test_wrong_passwords_at_once_are_all_counted(races: Course) -> None:
    races.wrong_passwords()


def test_of_equal_codes_at_once_one_is_let_in(races: Course) -> None:
    races.codes()


def test_undo_against_edits_of_everybody(races: Course) -> None:
    races.undo(races.editor())
