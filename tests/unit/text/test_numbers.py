"""Numbers that strangers send are numbers a row can have, or none at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text.numbers import LARGEST_ID, whole_number


@given(st.integers(0, LARGEST_ID))
def test_every_number_a_row_can_have_is_read(number: int) -> None:
    assert whole_number(str(number)) == number


@given(st.text() | st.integers().map(str) | st.integers(20, 6000).map(lambda length: "9" * length))
def test_nothing_else_is_read_and_nothing_raises(typed: str) -> None:
    number = whole_number(typed)
    assert number is None or (typed.isascii() and 0 <= number <= LARGEST_ID)


@pytest.mark.parametrize("typed", ["", "-1", "+1", "1.0", "１", "²", " 1", "1_000", "9" * 5000, str(LARGEST_ID + 1)])
def test_what_looks_like_a_number_but_is_none_of_ours(typed: str) -> None:
    assert whole_number(typed) is None


def test_a_limit_of_its_own_holds() -> None:
    assert whole_number("99", most=99) == 99
    assert whole_number("100", most=99) is None
