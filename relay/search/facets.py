"""How many of those who fit a search have each end, position and tag: counted over the newest 10,000 of them.

Core tables, which the scope guard cannot bind: every part carries the company itself
(tests/db/search/test_search_isolation.py).
"""

from dataclasses import dataclass, field, replace

from sqlalchemy import String, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from relay.models import Application, CandidateTag
from relay.search.candidate_search import COUNT_CAP, Query, ids_of

_applications = Application.__table__
_carried = CandidateTag.__table__

KINDS = ("end", "position", "tag")


@dataclass(frozen=True)
class Facets:
    """How many fit in all, and of each kind by value."""

    total: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {kind: {} for kind in KINDS})


def count(session: Session, company_id: int, query: Query) -> Facets:
    """Return the counts by one statement; up to COUNTED + 1 people are looked at. Raises QueryProblem."""
    hits = ids_of(session, company_id, replace(query, before_id=None, after_id=None), limit=COUNT_CAP + 1)
    facets = Facets()
    if hits is None:
        return facets
    people = hits.cte("people")
    theirs = select(people.c.id)
    applied = _applications.c.company_id == company_id, _applications.c.candidate_id.in_(theirs)
    each = func.count(_applications.c.candidate_id.distinct())
    found = union_all(
        select(literal("total").label("kind"), literal("").label("value"), func.count()).select_from(people),
        select(literal("end"), cast(_applications.c.status, String), each)
        .where(*applied)
        .group_by(_applications.c.status),
        select(literal("position"), cast(_applications.c.position_id, String), each)
        .where(*applied)
        .group_by(_applications.c.position_id),
        select(literal("tag"), cast(_carried.c.tag_id, String), func.count())
        .where(_carried.c.company_id == company_id, _carried.c.candidate_id.in_(theirs))
        .group_by(_carried.c.tag_id),
    )
    for kind, value, number in session.execute(found):
        if kind == "total":
            facets = replace(facets, total=number)
        else:
            facets.counts[kind][value or ""] = number
    return facets
