"""What a set is made in: the houses that are there already, the dice, and the next id of every table."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from relay.models import Event, EventTag
from relay.models.base import Table as Model

Row = dict[str, Any]
Rows = dict[type[Model], list[Row]]

YEAR = timedelta(days=365)


@dataclass
class World:
    """Who is there already, and what the next rows need to know."""

    now: datetime
    company_id: int
    neighbour_id: int
    user_id: int
    agency_id: int
    school_id: int
    template_version_id: int
    positions: dict[int, int]
    """The id of the first position by company; the others follow it."""
    tags: dict[int, int]
    dice: Random = field(default_factory=lambda: Random(20261121))  # noqa: S311  (dice, not a secret)
    referrals: int = 0
    ids: dict[type[Model], Iterator[int]] = field(default_factory=lambda: defaultdict(lambda: count(1)))

    def next(self, model: type[Model]) -> int:
        """The next id of a table."""
        return next(self.ids[model])


def happened(
    world: World,
    rows: Rows,
    company_id: int,
    tag: EventTag,
    subject: tuple[str, int],
    at: datetime,
    data: Row | None = None,
) -> None:
    """One line of the log."""
    rows[Event].append(
        {
            "id": world.next(Event),
            "at": at,
            "tag": tag.value,
            "company_id": company_id,
            "actor_kind": "user",
            "actor_id": world.user_id,
            "subject_kind": subject[0],
            "subject_id": subject[1],
            "data": data or {},
            "ip": "",
            "request_id": "",
        }
    )
