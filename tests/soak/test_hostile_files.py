"""The long form of tests/faults/test_hostile_files.py: every kind of file, one after the other."""

import pytest

from tests.faults.test_hostile_files import House, house, refuse
from tests.hostile_files import FILES

__all__ = ["house"]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_would_do_harm_is_answered_with_a_sentence(house: House, kind: str) -> None:
    refuse(house, kind)
