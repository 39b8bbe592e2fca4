"""Rates: Wilson's interval against published values, and middle values of counted days by nearest rank."""

import pytest

from relay.kpis.rates import Rate, percentile, wilson


@pytest.mark.parametrize(
    ("cases", "of", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(cases: int, of: int, low: float, high: float) -> None:
    found = wilson(cases, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_all_of_all_mirrors_none_of_all() -> None:
    none, every = wilson(0, 20), wilson(20, 20)
    assert every.high == 1.0
    assert every.low == pytest.approx(1 - none.high, abs=1e-12)


def test_below_five_no_rate_is_told() -> None:
    assert [of for of in range(8) if Rate(0, of).is_told] == [5, 6, 7]


def test_middle_values_are_numbers_that_occur() -> None:
    assert percentile({3: 1}, 0.5) == 3
    assert percentile({1: 1, 2: 1, 3: 1, 40: 1}, 0.5) == 2
    assert percentile({1: 9, 40: 1}, 0.9) == 1
    assert percentile({1: 8, 40: 2}, 0.9) == 40
    with pytest.raises(ValueError, match="no cases"):
        percentile({}, 0.5)
