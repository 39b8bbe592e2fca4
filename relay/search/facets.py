"""How many of those who fit a search have each result, position, step, tag …: counted over the newest 10,000 of them.

Core tables, which the scope guard cannot bind: every part carries the company itself
(tests/db/search/test_search_isolation.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, String, case, cast, func, literal, select, union_all
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
    people = hits.cte("people").prefix_with("MATERIALIZED")
    total = select(literal("total").label("kind"), literal("").label("value"), func.count()).select_from(people)
    found: CompoundSelect[Any] = union_all(total, *_by_kind(company_id, people))
    for kind, value, number in session.execute(found):
        if kind == "total":
            facets = replace(facets, total=number)
        else:
            facets.counts[kind][value or ""] = number
    return facets


def _by_kind(company_id: int, people: CTE) -> Iterator[Select[Any]]:
    """Select each kind and value with its number; the rows of each table are read once."""
    person, tag, application = _candidates.c, _carried.c, _applications.c
    until = case(*((each.holds(person.retain_until), each.value) for each in LastDay))
    parts: Sequence[tuple[Any, ColumnElement[int], dict[str, ColumnElement[Any]]]] = (
        (
            _applications,
            application.candidate_id,
            {
                "end": cast(application.status, String),
                "position": cast(application.position_id, String),
                "channel": application.channel,
                "step": application.stage,
            },
        ),
        (_carried, tag.candidate_id, {"tag": cast(tag.tag_id, String)}),
        (
            _candidates,
            person.id,
            {"exit": func.coalesce(cast(person.follow_up, String), NO_FOLLOW_UP), "until": until},
        ),
    )
    for table, whose, values in parts:
        columns = (value.label(kind) for kind, value in values.items())
        rows = select(whose.label("person"), *columns).where(
            table.c.company_id == company_id, whose.in_(select(people.c.id))
        )
        read = rows.cte(f"of_{table.name}").prefix_with("MATERIALIZED")
        for kind in values:
            # a person has one row of candidates, and no tag twice
            number = func.count(read.c.person.distinct()) if table is _applications else func.count()
            yield select(literal(kind), read.c[kind], number).group_by(read.c[kind])
