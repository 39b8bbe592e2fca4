"""How many of those who fit a search have each result, position, step, tag …: counted over the newest 10,000 of them.

Core tables, which the scope guard cannot bind: every part carries the company itself
(tests/db/search/test_search_isolation.py).
"""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, String, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from relay.models import Application, Candidate, CandidateTag
from relay.search.candidate_search import COUNT_CAP, LastDay, Query, ids_of

_candidates = Candidate.__table__
_applications = Application.__table__
_carried = CandidateTag.__table__

KINDS = ("end", "position", "channel", "step", "tag", "exit", "until")
NO_FOLLOW_UP = "none"


@dataclass(frozen=True)
class Facets:
    """How many fit in all, and of each kind by value."""

    total: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {kind: {} for kind in KINDS})


def count(session: Session, company_id: int, query: Query) -> Facets:
    """Return the counts by one statement; up to COUNTED + 1 people are looked at. Raises QueryProblem."""
    hits = ids_of(session, company_id, query, limit=COUNT_CAP + 1)
    facets = Facets()
    if hits is None:
        return facets
    people = hits.cte("people")
    theirs = select(people.c.id)
    total = select(literal("total").label("kind"), literal("").label("value"), func.count()).select_from(people)
    found: CompoundSelect[Any] = union_all(
        total, *(_by(kind, each, company_id, theirs) for kind, each in _kinds().items())
    )
    for kind, value, number in session.execute(found):
        if kind == "total":
            facets = replace(facets, total=number)
        else:
            facets.counts[kind][value or ""] = number
    return facets


def _kinds() -> dict[str, tuple[Any, ColumnElement[int], Any]]:
    """Return of each kind the table, whose row it is, and the value."""
    person, tag, application = _candidates.c, _carried.c, _applications.c
    until = case(*((each.holds(person.retain_until), each.value) for each in LastDay))
    return {
        "end": (_applications, application.candidate_id, cast(application.status, String)),
        "position": (_applications, application.candidate_id, cast(application.position_id, String)),
        "channel": (_applications, application.candidate_id, application.channel),
        "step": (_applications, application.candidate_id, application.stage),
        "tag": (_carried, tag.candidate_id, cast(tag.tag_id, String)),
        "exit": (_candidates, person.id, func.coalesce(cast(person.follow_up, String), NO_FOLLOW_UP)),
        "until": (_candidates, person.id, until),
    }


def _by(kind: str, each: tuple[Any, ColumnElement[int], Any], company_id: int, people: Select[int]) -> Select[Any]:
    table, person, value = each
    rows = select(person.label("person"), value.label("value"))
    counted = rows.where(table.c.company_id == company_id, person.in_(people)).subquery()
    number = func.count(counted.c.person.distinct())
    return select(literal(kind), counted.c.value, number).group_by(counted.c.value)
