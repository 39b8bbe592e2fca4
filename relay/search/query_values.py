"""A search as it is kept beside what is done with it, and read back."""

from typing import Any

from relay.models import ApplicationResult, FollowUp
from relay.search.candidate_search import LastDay, Query


def as_values(query: Query) -> dict[str, Any]:
    """Return the conditions, without the order and the place in the list."""
    chosen: dict[str, list[Any]] = {
        "channels": list(query.channels),
        "steps": list(query.steps),
        "follow_ups": [follow_up and follow_up.value for follow_up in query.follow_ups],
        "deadlines": [deadline.value for deadline in query.deadlines],
    }
    return {
        "q": query.q,
        "ends": [result.value for result in query.results],
        "tags": list(query.tags),
        "positions": list(query.positions),
        **{name: values for name, values in chosen.items() if values},
    }


def from_values(values: dict[str, Any]) -> Query:
    """Return the search that was kept."""
    return Query(
        q=values.get("q", ""),
        results=tuple(ApplicationResult(result) for result in values.get("ends", ())),
        tags=tuple(values.get("tags", ())),
        positions=tuple(values.get("positions", ())),
        channels=tuple(values.get("channels", ())),
        steps=tuple(values.get("steps", ())),
        follow_ups=tuple(word and FollowUp(word) for word in values.get("follow_ups", ())),
        deadlines=tuple(LastDay(word) for word in values.get("deadlines", ())),
    )
