"""The fit against another one: a coordinate at a time, in plain Python, where the product solves all at once."""

from math import exp, log1p
from random import Random

import pytest

from relay.insight.map_fit import fitted

NEAR = 1e-6


def likelihood(odds: float) -> float:
    return 1 / (1 + exp(-odds)) if odds >= 0 else exp(odds) / (1 + exp(odds))


def by_coordinates(
    rows: list[list[float]], agreed: list[bool], means: list[float], precisions: list[float]
) -> list[float]:
    """Find for one coefficient after the other where its slope is nought, until none moves."""
    at = list(means)
    for _sweep in range(100_000):
        moved = 0.0
        for place, (mean, firm) in enumerate(zip(means, precisions, strict=True)):
            low, high = -60.0, 60.0
            odds = [sum(a * value for a, value in zip(at, row, strict=True)) - at[place] * row[place] for row in rows]
            while high - low > 1e-12:
                middle = (low + high) / 2
                slope = firm * (middle - mean) + sum(
                    (likelihood(rest + middle * row[place]) - said) * row[place]
                    for rest, row, said in zip(odds, rows, agreed, strict=True)
                )
                low, high = (low, middle) if slope > 0 else (middle, high)
            moved = max(moved, abs(at[place] - (low + high) / 2))
            at[place] = (low + high) / 2
        if moved < 1e-10:
            return at
    raise AssertionError("it moves for ever")


def cost(
    at: list[float], rows: list[list[float]], agreed: list[bool], means: list[float], precisions: list[float]
) -> float:
    odds = [sum(a * value for a, value in zip(at, row, strict=True)) for row in rows]
    unlikely = sum(max(o, 0) - said * o + log1p(exp(-abs(o))) for o, said in zip(odds, agreed, strict=True))
    return unlikely + sum(p * (a - m) ** 2 / 2 for p, a, m in zip(precisions, at, means, strict=True))


def drawn(seed: int) -> tuple[list[list[float]], list[bool], list[float], list[float]]:
    """Cases of four parts and a base; of some seeds all say yes, or two parts always go together."""
    dice = Random(seed)  # noqa: S311
    rows = [[1.0, *(dice.choice((0.0, dice.random(), 1.5)) for _ in range(4))] for _ in range(dice.randrange(1, 40))]
    if seed % 3 == 0:
        rows = [[*row[:4], row[3]] for row in rows]
    agreed = [seed % 4 == 0 or dice.random() < 1 / 3 for _ in rows]
    return rows, agreed, [0.0, 1.0, 1.0, 0.2, 2.0], [0.1, 1.0, 60.0, 5.0, 0.5]


@pytest.mark.parametrize("seed", range(12))
def test_the_coefficients_are_those_of_an_independent_fit(seed: int) -> None:
    case = drawn(seed)
    assert fitted(*case) == pytest.approx(by_coordinates(*case), abs=NEAR)


@pytest.mark.parametrize("seed", range(40))
def test_nothing_nearby_is_likelier(seed: int) -> None:
    rows, agreed, means, precisions = drawn(seed)
    found = fitted(rows, agreed, means, precisions)
    least = cost(found, rows, agreed, means, precisions)
    for place in range(len(found)):
        for aside in (-1e-3, 1e-3):
            near = [value + aside * (number == place) for number, value in enumerate(found)]
            assert cost(near, rows, agreed, means, precisions) > least


def test_without_cases_it_is_the_prior_to_the_last_bit() -> None:
    assert fitted([], [], [0.0, 1.0, 0.3], [0.1, 60.0, 2.0]) == [0.0, 1.0, 0.3]


def test_cases_that_no_line_divides_and_cases_far_out_end() -> None:
    rows = [[1.0, 1_000.0], [1.0, -1_000.0]] * 50
    assert fitted(rows, [True, False] * 50, [0.0, 1.0], [0.1, 1.0])[1] == pytest.approx(1.0, abs=1e-3)
    assert fitted(rows, [False, True] * 50, [0.0, 1.0], [0.1, 1.0])[1] < 0
