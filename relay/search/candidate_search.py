"""The talent pool's search: FTS5 on SQLite, tsvector on PostgreSQL, the same answers from both.

One of the few rooms that use Core tables, which the scope guard cannot bind: every statement here carries the
company itself, in the full-text condition and in the SQL (tests/db/search/test_search_isolation.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    CandidateSearch,
    CandidateTag,
    FollowUp,
    Position,
    RejectionReason,
    RetentionBasis,
)
from relay.models.base import BigId
from relay.models.keyset import Page, Start, newest
from relay.search import asked, narrowing
from relay.search.asked import Asked
from relay.text import SearchOperator
from relay.text.sought import Sought, fts_match, tsquery, words

IN_POOL = (RetentionBasis.STATED, RetentionBasis.CONSENTED)
PAGE = 50
COUNT_CAP = 10_000
"""Counting stops here; a page then says "10,000 or more" instead of waiting."""
COUNTED_AT_ONCE = 500
"""How many of those who fit are counted while a list is shown; the rest is counted after it."""

_candidates = Candidate.__table__
_applications = Application.__table__
_positions = Position.__table__
_tags = CandidateTag.__table__
_words = CandidateSearch.__table__
_fts = table("candidate_fts", column("rowid", BigId), column("candidate_fts"))


@dataclass(frozen=True)
class Query:
    """A search. Several values of one kind widen it, several kinds narrow it."""

    q: str = ""
    results: tuple[ApplicationResult, ...] = ()
    tags: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    among: tuple[int, ...] = ()
    """Nobody but these people, where any are named."""
    before_id: int | None = None
    after_id: int | None = None
    limit: int = PAGE

    @property
    def start(self) -> Start | None:
        """Return where in the list the page begins; an `after_id` counts before a `before_id`."""
        if self.after_id is not None:
            return Start((self.after_id,), backwards=True)
        return None if self.before_id is None else Start((self.before_id,))

    @property
    def narrowed(self) -> bool:
        """Return whether anything at all is asked for."""
        return bool(self.q.strip() or self.results or self.tags or self.positions)

    @cached_property
    def asked(self) -> Sequence[Asked]:
        """Return what the text asks for. Raises QueryProblem for a part that cannot be understood."""
        return asked.read(self.q)

    @property
    def asks_age(self) -> bool:
        """Return whether the answer changes as days go by. Raises QueryProblem as `asked` does."""
        return any(condition.operator is SearchOperator.UPDATED for each in self.asked for condition in each.conditions)


@dataclass(frozen=True)
class CandidateRow:
    """One candidate of the list, with the newest application that matches the search."""

    id: int
    name: str
    kana: str
    basis: RetentionBasis
    retain_until: date | None
    application_id: int | None
    position: str | None
    channel: str | None
    stage: str | None
    status: ApplicationResult | None
    reason: RejectionReason | None
    follow_up: FollowUp | None
    told: bool
    """Whether the person knows the result of that application."""


@dataclass(frozen=True)
class Found(Page[CandidateRow]):
    """A page of the list, newest first."""

    total: int = 0
    """How many fit in all, where they were to be counted."""


NOBODY = Found()


def find(session: Session, company_id: int, query: Query, *, most: int = 0) -> Found:
    """Return a page of the people in the company's pool that fit, newest first, and how many fit in all, counted up to
    `most` + 1: by one statement.

    The pool holds the bases `stated` and `consented` only (A-4). A text without anything to look for finds nobody.
    Raises QueryProblem for an operator that cannot be understood.
    """
    start = query.start
    statement = _page(_dialect(session), company_id, _shape(query), most, _as_of(query))
    place = start.parameters if start else {}
    found = session.execute(statement, place).all() if statement is not None else ()
    if not found:
        return NOBODY
    page = newest(_candidates.c.id).cut([(CandidateRow(*row[:-1]), (row.id,)) for row in found], start, query.limit)
    return Found(**vars(page), total=found[0].total)


def count(session: Session, company_id: int, query: Query, *, most: int = COUNT_CAP) -> int:
    """Return how many people fit in all, counted up to `most` + 1."""
    statement = _total(_dialect(session), company_id, _whole(query), most, _as_of(query))
    return int(session.execute(statement).scalar_one()) if statement is not None else 0


def ids(session: Session, company_id: int, query: Query) -> list[int]:
    """Return of a page of the people who fit, newest first, the ids alone. Raises QueryProblem."""
    start = query.start
    statement = _ids(_dialect(session), company_id, _shape(query), query.limit)
    return list(session.scalars(statement, start.parameters if start else {})) if statement is not None else []


def matching(session: Session, company_id: int, q: str) -> Select[int] | None:
    """Return the ids of the company's people, in the pool or not, whose words hold all of `q`; None when nothing can.

    Made to be narrowed or used in IN by a statement that asks for the rest.
    """
    wanted = words(q)
    return _by_words(_dialect(session), company_id, wanted) if wanted is not None else None


def ids_of(session: Session, company_id: int, query: Query, *, limit: int) -> Select[int] | None:
    """Return the ids that fit, newest first, or None when nothing can. Raises QueryProblem."""
    return _ids(_dialect(session), company_id, _whole(query), limit)


# Statements are built once: putting one together takes longer than running it. `as_of` is the moment of those that
# ask for an age, and the place in the list is given when they run.


@lru_cache(maxsize=256)  # tricks: pool, first page
def _page(dialect: str, company_id: int, query: Query, most: int, as_of: datetime | None) -> Select[Any] | None:
    if most >= query.limit and query == _whole(query):
        return _first_page(dialect, company_id, query, most)
    hits = _ids(dialect, company_id, query, query.limit + 1)
    if hits is None:
        return None
    total = _total(dialect, company_id, _whole(query), most, as_of) if most else None
    counted = literal(0) if total is None else total.scalar_subquery()
    return _rows(company_id, query, hits).add_columns(counted.label("total"))


def _first_page(dialect: str, company_id: int, query: Query, most: int) -> Select[Any] | None:
    """Return the statement that walks the hits once, to list them from the top and to count them."""
    hits = _ids(dialect, company_id, query, most + 1)
    if hits is None:
        return None
    found = hits.cte("found").prefix_with("MATERIALIZED")
    listed = newest(found.c.id).slice(select(found.c.id), None, query.limit + 1)
    total = select(func.count()).select_from(found).scalar_subquery()
    return _rows(company_id, query, listed).add_columns(total.label("total"))


@lru_cache(maxsize=256)  # tricks: portal.rule
def _total(dialect: str, company_id: int, query: Query, most: int, _as_of: datetime | None) -> Select[int] | None:
    hits = _ids(dialect, company_id, query, most + 1)
    return select(func.count()).select_from(hits.subquery()) if hits is not None else None


def _shape(query: Query) -> Query:
    """Return the query at any place of its list."""
    return replace(query, before_id=_some(query.before_id), after_id=_some(query.after_id))


def _whole(query: Query) -> Query:
    return replace(query, before_id=None, after_id=None)


def _some(place: int | None) -> int | None:
    return None if place is None else 1


def _as_of(query: Query) -> datetime | None:
    return clock.now() if query.asks_age else None


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _ids(dialect: str, company_id: int, query: Query, limit: int) -> Select[int] | None:
    walks: list[Select[int]] = []
    for each in query.asked:
        if each.wanted is not None or each.unwanted is not None:
            walks.append(_by_index(dialect, company_id, query, each, limit))
        elif not each.impossible:
            walks += _newest(company_id, query, each, limit)
    if len(walks) < 2:
        return walks[0] if walks else None
    parts = [select(walk.subquery().c.id) for walk in walks]
    together = union_all if len(query.asked) == 1 else union  # ways to take a word may find the same person
    merged = together(*parts).subquery()
    return newest(merged.c.id).slice(select(merged.c.id), query.start, limit)


def _by_words(dialect: str, company_id: int, wanted: Sought | None, unwanted: Sought | None = None) -> Select[int]:
    if dialect == "sqlite":
        match = fts_match(company_id, wanted, unwanted)
        return select(_fts.c.rowid.label("id")).where(_fts.c.candidate_fts.op("MATCH")(match))
    return select(_words.c.candidate_id.label("id")).where(
        _words.c.company_id == company_id, _words.c.tsv.op("@@")(cast(tsquery(wanted, unwanted), TSQUERY))
    )


def _by_index(dialect: str, company_id: int, query: Query, each: Asked, limit: int) -> Select[int]:
    """Return the statement in which words drive: joined, SQLite would walk the company and probe each."""
    hit = _fts.c.rowid if dialect == "sqlite" else _words.c.candidate_id
    person = exists().where(
        _candidates.c.id == hit,
        _candidates.c.company_id == company_id,
        _candidates.c.basis.in_(IN_POOL),
        *_conditions(company_id, query, each),
    )
    found = _by_words(dialect, company_id, each.wanted, each.unwanted).where(person)
    return newest(hit).slice(found, query.start, limit)


def _newest(company_id: int, query: Query, each: Asked, limit: int) -> list[Select[int]]:
    """Without words: the newest people of each basis, walked along their index and merged."""
    hit, conditions = _candidates.c.id, _conditions(company_id, query, each)
    mine = select(hit.label("id")).where(_candidates.c.company_id == company_id, *conditions)
    return [newest(hit).slice(mine.where(_candidates.c.basis == basis), query.start, limit) for basis in IN_POOL]


def _conditions(company_id: int, query: Query, each: Asked) -> list[ColumnElement[bool]]:
    person = _candidates.c.id
    conditions = narrowing.about_person(company_id, each.conditions)
    conditions += narrowing.without_application(company_id, each.conditions)
    if query.among:
        conditions.append(person.in_(query.among))
    if query.tags:
        conditions.append(
            exists().where(
                _tags.c.company_id == company_id, _tags.c.candidate_id == person, _tags.c.tag_id.in_(query.tags)
            )
        )
    application = _applications.alias("wanted")
    fitting = _fitting(company_id, query, each, application)
    if fitting:
        conditions.append(
            exists().where(application.c.company_id == company_id, application.c.candidate_id == person, *fitting)
        )
    return conditions


def _fitting(company_id: int, query: Query, each: Asked, application: Any) -> list[ColumnElement[bool]]:
    """Return the conditions of one application, which has to fit all that is asked of applications."""
    conditions = narrowing.about_application(company_id, application, each.conditions)
    if query.results:
        conditions.append(application.c.status.in_(query.results))
    if query.positions:
        conditions.append(application.c.position_id.in_(query.positions))
    return conditions


def _newest_application(company_id: int, query: Query, person: ColumnElement[int], application: Any) -> Select[int]:
    """Select the newest application that fits; where nothing is asked of applications, or words alone, any."""
    theirs = (application.c.company_id == company_id, application.c.candidate_id == person)
    fitting = [_fitting(company_id, query, each, application) for each in query.asked]
    asked_for = [and_(*each) for each in fitting if each]
    if not asked_for:
        return select(func.max(application.c.id)).where(*theirs)
    fits = func.max(case((or_(*asked_for), application.c.id)))
    return select(fits if all(fitting) else func.coalesce(fits, func.max(application.c.id))).where(*theirs)


def _rows(company_id: int, query: Query, hits: Select[int]) -> Select[Any]:
    hit, shown = hits.subquery("hit"), _applications.alias("shown")
    application = _newest_application(company_id, query, hit.c.id, shown).correlate(hit).scalar_subquery()
    return (
        select(
            _candidates.c.id,
            _candidates.c.name,
            _candidates.c.kana,
            _candidates.c.basis,
            _candidates.c.retain_until,
            _applications.c.id,
            _positions.c.title,
            _applications.c.channel,
            _applications.c.stage,
            _applications.c.status,
            _applications.c.reason,
            _candidates.c.follow_up,
            _applications.c.notified_at.is_not(None),
        )
        .select_from(hit)
        .join(_candidates, (_candidates.c.id == hit.c.id) & (_candidates.c.company_id == company_id))
        .outerjoin(_applications, (_applications.c.id == application) & (_applications.c.company_id == company_id))
        .outerjoin(
            _positions, (_positions.c.id == _applications.c.position_id) & (_positions.c.company_id == company_id)
        )
        .order_by(*newest(hit.c.id).order(query.start))
    )
