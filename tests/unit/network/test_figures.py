"""Rounding page views so that no single person decides what is shown (A-45)."""

import pytest

from relay.network.figures import in_tens

DRAWS = 400


def outcomes(count: int, of: int) -> set[int]:
    return {in_tens(count, of=of) for _draw in range(DRAWS)}


@pytest.mark.parametrize("of", [1, 10, 11, 20, 25, 137])
def test_it_is_a_multiple_of_ten_near_the_count_and_less_than_everybody(of: int) -> None:
    for count in range(of + 1):
        for each in outcomes(count, of):
            assert each % 10 == 0
            assert 0 <= each < of
            assert abs(each - count) <= 10


@pytest.mark.parametrize("of", [10, 25, 40])
def test_one_person_more_or_less_may_always_read_the_same(of: int) -> None:
    for count in range(of):
        assert outcomes(count, of) & outcomes(count + 1, of), f"{count} and {count + 1} of {of} are told apart"


def test_it_is_right_on_average() -> None:
    mean = sum(in_tens(33, of=100) for _draw in range(4_000)) / 4_000
    assert 32 < mean < 34
