"""A search as it is kept beside what is done with it, and read back."""

from typing import Any

from relay.models import ApplicationResult
from relay.search.candidate_search import Query


def as_values(query: Query) -> dict[str, Any]:
    """Return the conditions, without the place in the list."""
    return {
        "q": query.q,
        "ends": [result.value for result in query.results],
        "tags": list(query.tags),
        "positions": list(query.positions),
    }


def from_values(values: dict[str, Any]) -> Query:
    """Return the search that was kept."""
    return Query(
        q=values.get("q", ""),
        results=tuple(ApplicationResult(result) for result in values.get("ends", ())),
        tags=tuple(values.get("tags", ())),
        positions=tuple(values.get("positions", ())),
    )
