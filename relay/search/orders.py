"""The orders of the lists of people and applications, as an address holds them, each along an index of its own."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from relay.models import LAST, NO_DAY, NO_SCORE, CandidateOrder
from relay.models.keyset import Expression, Keyset, ascending, descending

_places = CandidateOrder.__table__


class SortBy(StrEnum):
    """The values a list can be sorted by."""

    APPLIED = "applied"
    UPDATED = "updated"
    NAME = "name"
    STEP = "step"
    SCORE = "score"
    DEADLINE = "until"
    TOTAL = "total"
    RUNNING = "running"


FALLING_FIRST = (SortBy.APPLIED, SortBy.UPDATED, SortBy.SCORE, SortBy.TOTAL, SortBy.RUNNING)
"""These begin with the greatest where they are first asked for, the others with the least."""
_WITHOUT: dict[SortBy, Any] = {
    SortBy.APPLIED: NO_DAY,
    SortBy.NAME: LAST,
    SortBy.STEP: LAST,
    SortBy.SCORE: NO_SCORE,
    SortBy.DEADLINE: NO_DAY,
}
"""The value from which on rows have none, and come last in both directions."""
COLUMNS: dict[SortBy, Any] = {
    SortBy.APPLIED: _places.c.applied_on,
    SortBy.UPDATED: _places.c.updated_at,
    SortBy.NAME: _places.c.name_order,
    SortBy.STEP: _places.c.stage_order,
    SortBy.SCORE: _places.c.score,
    SortBy.DEADLINE: _places.c.retain_until,
}
"""The columns of the pool's orders."""


@dataclass(frozen=True)
class ListOrder:
    """One order, in one direction."""

    by: SortBy
    falling: bool

    @classmethod
    def read(cls, written: str) -> "ListOrder | None":
        """Return the order of an address; none for what is no order."""
        name = written.removeprefix("-")
        return cls(SortBy(name), written.startswith("-")) if name in list(SortBy) else None

    @property
    def written(self) -> str:
        """Return the order as an address holds it."""
        return f"-{self.by.value}" if self.falling else self.by.value

    @property
    def turned(self) -> "ListOrder":
        """Return the other direction."""
        return ListOrder(self.by, not self.falling)

    def keyset(self, value: Expression, unique: Expression) -> Keyset:
        """Return the order over a column with the values and one that is unique."""
        if self.falling:
            return Keyset(descending(value, last=_WITHOUT.get(self.by)), descending(unique))
        return Keyset(ascending(value), ascending(unique))


def first(by: SortBy) -> ListOrder:
    """Return the direction that is asked for first."""
    return ListOrder(by, by in FALLING_FIRST)
