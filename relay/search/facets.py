"""How many of those who fit a search have each result, position, step, tag …

All who fit are looked at; where they are very many, the newest alone, and the page says so.

Core tables, which the scope guard cannot bind: every part carries the company itself
(tests/db/search/test_search_isolation.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, String, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Application, Candidate, CandidateTag
from relay.models.keyset import newest
from relay.models.prepared import read
from relay.search.candidate_search import COUNT_CAP, EVERYBODY, LastDay, Query, ids_of

_candidates = Candidate.__table__
_applications = Application.__table__
_carried = CandidateTag.__table__

KINDS = ("end", "position", "channel", "step", "tag", "exit", "until")
NO_FOLLOW_UP = "none"
LOOKED_AT = 1_000
"""So many of the newest are looked at where more than COUNT_CAP fit: a page says so, and takes no longer than that of a
small company."""


@dataclass(frozen=True)
class Facets:
    """How many fit in all, up to COUNT_CAP + 1, and of each kind by value."""

    total: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    @property
    def newest(self) -> int:
        """Return how many of the newest alone the counts are of; 0 where they are of all who fit."""
        return LOOKED_AT if self.total > COUNT_CAP else 0


def count(session: Session, company_id: int, query: Query) -> Facets:
    """Return the counts by one statement. Raises QueryProblem."""
    hits = ids_of(session, company_id, query, limit=COUNT_CAP + 1)
    facets = Facets()
    if hits is None:
        return facets
    whole = query.by_age == EVERYBODY  # opened all day; of a search the words change each time
    statement = _statement(company_id, hits, whole, clock.today())
    for kind, value, number in read(session, statement) if whole else session.execute(statement):
        if kind == "total":
            facets = replace(facets, total=number)
        else:
            facets.counts[kind][value or ""] = number
    return facets


@lru_cache(maxsize=256)  # tricks: portal.pool_counts
def _statement(company_id: int, hits: Select[int], whole: bool, _today: date) -> Select[Any]:
    """Return the statement of all counts over a search that is kept; days until a record ends are counted from today.

    Everybody is walked twice along the index, which is faster than keeping whom a walk has found, as a search does.
    """
    people = hits.order_by(None).subquery() if whole else hits.cte("people").prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(people).scalar_subquery()
    most = case((total > COUNT_CAP, LOOKED_AT), else_=COUNT_CAP)
    seen = hits.limit(most) if whole else newest(people.c.id).slice(select(people.c.id), None, most)
    looked_at = seen.cte("looked_at").prefix_with("MATERIALIZED")
    every = select(literal("total").label("kind"), literal("").label("value"), total.label("number"))
    return select(*union_all(every, *_by_kind(company_id, looked_at)).subquery().c)


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
