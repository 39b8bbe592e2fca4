"""Rates with their uncertainty, and middle values of counted days."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt

ENOUGH_CASES = 5
"""Cases below which no rate and no middle value is told."""
_Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution: intervals of 95 %."""


@dataclass(frozen=True)
class Interval:
    """A range of a rate, both ends between 0 and 1."""

    low: float
    high: float


@dataclass(frozen=True)
class Rate:
    """So many of so many cases."""

    cases: int
    of: int

    @property
    def is_told(self) -> bool:
        """Return whether there are enough cases to tell a rate."""
        return self.of >= ENOUGH_CASES

    @property
    def share(self) -> float:
        """Return the rate, between 0 and 1."""
        return self.cases / self.of

    @property
    def interval(self) -> Interval:
        """Return where the rate lies with 95 % (Wilson 1927, without continuity correction)."""
        return wilson(self.cases, self.of)


def wilson(cases: int, of: int) -> Interval:
    """Return the score interval of a proportion: Wilson, J. Am. Stat. Assoc. 22 (1927), 209–212."""
    share, z2 = cases / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    low = 0.0 if cases == 0 else max(0.0, middle - half)
    high = 1.0 if cases == of else min(1.0, middle + half)
    return Interval(low, high)


def percentile(counted: Mapping[int, int], part: float) -> int:
    """Return the least number that so large a part of the cases do not exceed (nearest rank), by how many have each."""
    rank = max(1, ceil(part * sum(counted.values())))
    for number in sorted(counted):
        rank -= counted[number]
        if rank <= 0:
            return number
    raise ValueError("no cases")
