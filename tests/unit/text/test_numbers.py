"""Numbers that strangers send are numbers a row can have, or none at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text.numbers import LARGEST_ID, typed_number, typed_yen, whole_number, yen_words


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


@pytest.mark.parametrize(
    ("typed", "yen"),
    [
        ("400万", 4_000_000),
        ("４００万円", 4_000_000),
        ("25.5万", 255_000),
        ("25万5,000円", 255_000),
        ("4,000,000", 4_000_000),
        (" 1150 円", 1_150),
        *(
            (none, None)
            for none in ("", "万", "円", "0", "-5", "応相談", "1.5", "0.00001万", "10000000001", "1e9", "９" * 5_000)
        ),
    ],
)
def test_a_sum_is_read_as_people_type_it(typed: str, yen: int | None) -> None:
    assert typed_yen(typed, most=1_000_000_000) == yen


@given(st.integers(1, 1_000_000_000))
def test_a_sum_is_read_as_it_is_shown(yen: int) -> None:
    assert typed_yen(yen_words(yen), most=1_000_000_000) == yen


@given(st.text())
def test_no_text_raises_as_a_sum_or_a_number(typed: str) -> None:
    for read in (typed_yen, typed_number):
        number = read(typed, most=9_999)
        assert number is None or 1 <= number <= 9_999


@pytest.mark.parametrize(
    ("typed", "number"), [("2", 2), ("２名", 2), ("1,000 人", 1_000), ("0", None), ("若干名", None), ("10000", None)]
)
def test_a_number_of_people_is_read_as_people_type_it(typed: str, number: int | None) -> None:
    assert typed_number(typed, most=9_999) == number
