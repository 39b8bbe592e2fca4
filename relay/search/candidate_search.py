"""The talent pool's search: FTS5 on SQLite, tsvector on PostgreSQL, the same answers from both.

One of the few rooms that use Core tables, which the scope guard cannot bind: every statement here carries the
company itself, in the full-text condition and in the SQL (tests/db/search/test_search_isolation.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
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
    true,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.models import (
    NO_SCORE,
    Application,
    ApplicationResult,
    Candidate,
    CandidateOrder,
    CandidateSearch,
    CandidateTag,
    FollowUp,
    Position,
    RejectionReason,
    RetentionBasis,
)
from relay.models.base import BigId
from relay.models.keyset import Keyset, Page, Start, newest
from relay.models.labels import Labelled
from relay.models.prepared import read
from relay.search import asked, narrowing
from relay.search.asked import Asked
from relay.search.orders import COLUMNS, ListOrder
from relay.text import SearchOperator
from relay.text.sought import Sought, fts_match, tsquery, words

IN_POOL = (RetentionBasis.STATED, RetentionBasis.CONSENTED)
PAGE = 50
COUNT_CAP = 10_000
"""Counting stops here; a page then says "10,000 or more" instead of waiting."""
COUNTED_AT_ONCE = 200
"""How many of those who fit are counted while a list is shown; the rest is counted after it."""
GATHERED = 10_000
"""So many people whom the words or days of a search fit are gathered and sorted; of more a list is walked in its order
and each is looked at."""
GATHERED_OF_DAYS = 10_000
"""The same of days where the newest people come first: of more, applications are walked by their people."""
GATHERED_TO_COUNT = 30_000
"""The same where very many are counted, not fifty listed: a walk to the last of them is long."""

_candidates = Candidate.__table__
_applications = Application.__table__
_places = CandidateOrder.__table__
_positions = Position.__table__
_tags = CandidateTag.__table__
_words = CandidateSearch.__table__
_fts = table("candidate_fts", column("rowid", BigId), column("candidate_fts"))


class LastDay(Labelled):
    """When the record of a person ends, seen from today."""

    SOON = "30", _l("30日以内")
    NEAR = "90", _l("31日から90日")
    LATER = "later", _l("91日より後")
    NONE = "none", _l("期限なし（選考中）")

    def holds(self, day: Any) -> ColumnElement[bool]:
        """Return the condition on the last day, as of today."""
        today = clock.today()
        soon, near = today + timedelta(days=30), today + timedelta(days=90)
        conditions: dict[LastDay, ColumnElement[bool]] = {
            LastDay.SOON: day <= soon,
            LastDay.NEAR: and_(day > soon, day <= near),
            LastDay.LATER: day > near,
            LastDay.NONE: day.is_(None),
        }
        return conditions[self]


Fewer = tuple[bool, ...]
"""Of each way to take a query, whether those whom its words or days fit are gathered."""


@dataclass(frozen=True)
class Query:
    """A search. Several values of one kind widen it, several kinds narrow it."""

    q: str = ""
    results: tuple[ApplicationResult, ...] = ()
    tags: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    """Steps of a selection, as the company calls them."""
    follow_ups: tuple[FollowUp | None, ...] = ()
    """What is intended; None: nothing was decided."""
    deadlines: tuple[LastDay, ...] = ()
    among: tuple[int, ...] = ()
    """Nobody but these people, where any are named."""
    besides: tuple[int, ...] = ()
    """None of these people."""
    before_id: int | None = None
    after_id: int | None = None
    limit: int = PAGE
    order: ListOrder | None = None
    """The order of the list; none is the newest first, with the places `before_id` and `after_id`."""
    below: str = ""
    """The cursor after which a page of another order begins."""
    above: str = ""
    """The cursor before which it ends."""

    @property
    def start(self) -> Start | None:
        """Return where in the list, the newest first, the page begins; an `after_id` counts before a `before_id`."""
        if self.after_id is not None:
            return Start((self.after_id,), backwards=True)
        return None if self.before_id is None else Start((self.before_id,))

    @property
    def paged(self) -> bool:
        """Return whether a place in the list is asked for."""
        return self != self.from_top

    @property
    def from_top(self) -> "Query":
        """Return the same search on the first page."""
        placed = self.before_id is not None or self.after_id is not None or self.below or self.above
        return replace(self, before_id=None, after_id=None, below="", above="") if placed else self

    @property
    def by_age(self) -> "Query":
        """Return the same search on the first page, the newest first."""
        return replace(self.from_top, order=None)

    @property
    def narrowed(self) -> bool:
        """Return whether anything at all is asked for."""
        chosen = (self.results, self.tags, self.positions, self.channels, self.steps, self.follow_ups, self.deadlines)
        return bool(self.q.strip() or any(chosen))

    @cached_property
    def asked(self) -> Sequence[Asked]:
        """Return what the text asks for. Raises QueryProblem for a part that cannot be understood."""
        return asked.read(self.q)

    @property
    def asks_age(self) -> bool:
        """Return whether the answer changes as days go by. Raises QueryProblem as `asked` does."""
        return self.asks(SearchOperator.UPDATED) or self.asks(SearchOperator.APPLIED)

    def asks(self, operator: SearchOperator) -> bool:
        """Return whether the text has such a condition. Raises QueryProblem as `asked` does."""
        return any(condition.operator is operator for each in self.asked for condition in each.conditions)


class CandidateRow(NamedTuple):
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
    applied_on: date | None
    score: int | None
    """The highest of their selections."""
    updated_at: datetime
    """When the person or the newest application changed last."""


@dataclass(frozen=True)
class Found(Page[CandidateRow]):
    """A page of the list."""

    total: int = 0
    """How many fit in all, where they were to be counted."""


NOBODY = Found()
EVERYBODY = Query()
_SHOWN = len(CandidateRow._fields)


def find(session: Session, company_id: int, query: Query, *, most: int = 0) -> Found:
    """Return a page of the people in the company's pool that fit, and how many fit in all, counted up to `most` + 1.

    It is one statement; where days are asked for, or words in another order than the newest first, how many these fit
    is looked up before it.

    The pool holds the bases `stated` and `consented` only (A-4). A text without anything to look for finds nobody.
    Raises QueryProblem for an operator that cannot be understood.
    """
    dialect, fewer = _dialect(session), _fewer(session, company_id, query)
    keys, start = _keys(query), query.start
    if query.order is None:
        statement = _page(dialect, company_id, _shape(query), most, _as_of(query), fewer)
    else:
        start = keys.start(after=query.below, before=query.above)
        shape = keys.any_place(start)
        statement = _sorted_page(dialect, company_id, query.from_top, shape, most, _as_of(query), fewer)
    place = start.parameters if start else {}
    if statement is None:
        return NOBODY
    whole = query.from_top == EVERYBODY  # the list that is opened all day; of a search the words change each time
    found = read(session, statement, **place) if whole else session.execute(statement, place).all()
    if not found:
        return NOBODY
    page = keys.cut([(CandidateRow._make(row[:_SHOWN]), _values(query, row)) for row in found], start, query.limit)
    return Found(**vars(page), total=found[0].total)


def place_of(session: Session, company_id: int, candidate_id: int, order: ListOrder) -> str:
    """Return the cursor of a person in an order of the list; empty where they are not in it."""
    mine = select(_places).where(_places.c.company_id == company_id, _places.c.candidate_id == candidate_id)
    return order.keyset(COLUMNS[order.by], _places.c.candidate_id).place_of(session, mine)


def count(session: Session, company_id: int, query: Query, *, most: int = COUNT_CAP) -> int:
    """Return how many people fit in all, counted up to `most` + 1."""
    fewer = _fewer(session, company_id, query.by_age, counting=True)
    statement = _total(_dialect(session), company_id, query.by_age, most, _as_of(query), fewer)
    return int(session.execute(statement).scalar_one()) if statement is not None else 0


def ids(session: Session, company_id: int, query: Query) -> list[int]:
    """Return of a page of the people who fit, newest first, the ids alone. Raises QueryProblem."""
    start, fewer = query.start, _fewer(session, company_id, replace(query, order=None))
    statement = _ids(_dialect(session), company_id, _shape(query), query.limit, fewer)
    return list(session.scalars(statement, start.parameters if start else {})) if statement is not None else []


def matching(session: Session, company_id: int, q: str) -> Select[int] | None:
    """Return the ids of the company's people, in the pool or not, whose words hold all of `q`; None when nothing can.

    Made to be narrowed or used in IN by a statement that asks for the rest.
    """
    search_rows.write_marked(session)
    wanted = words(q)
    return _by_words(_dialect(session), company_id, wanted) if wanted is not None else None


def ids_of(session: Session, company_id: int, query: Query, *, limit: int) -> Select[int] | None:
    """Return the ids that fit, newest first, or None when nothing can; the statement is kept. Raises QueryProblem."""
    fewer = _fewer(session, company_id, query.by_age, counting=True)
    return _kept_ids(_dialect(session), company_id, query.by_age, limit, _as_of(query), fewer)


# Statements are built once: putting one together takes longer than running it. `as_of` is the moment of those that
# ask for an age, and the place in the list is given when they run.


@lru_cache(maxsize=256)  # tricks: pool, first page
def _page(
    dialect: str, company_id: int, query: Query, most: int, as_of: datetime | None, fewer: Fewer
) -> Select[Any] | None:
    if most >= query.limit and not query.paged:
        return _first_page(dialect, company_id, query, most, fewer)
    hits = _ids(dialect, company_id, query, query.limit + 1, fewer)
    if hits is None:
        return None
    total = _total(dialect, company_id, query.from_top, most, as_of, fewer) if most else None
    counted = literal(0) if total is None else total.scalar_subquery()
    return _rows(company_id, query, hits.subquery("hit"), query.start).add_columns(counted.label("total"))


def _first_page(dialect: str, company_id: int, query: Query, most: int, fewer: Fewer) -> Select[Any] | None:
    """Return the statement that walks the hits once, to list them from the top and to count them."""
    hits = _ids(dialect, company_id, query, most + 1, fewer)
    if hits is None:
        return None
    found = hits.cte("found").prefix_with("MATERIALIZED")
    listed = newest(found.c.id).slice(select(found.c.id), None, query.limit + 1)
    total = select(func.count()).select_from(found).scalar_subquery()
    return _rows(company_id, query, listed.subquery("hit"), None).add_columns(total.label("total"))


@lru_cache(maxsize=256)  # tricks: pool, by day of application
def _sorted_page(
    dialect: str, company_id: int, query: Query, start: Start | None, most: int, as_of: datetime | None, fewer: Fewer
) -> Select[Any] | None:
    """Return the statement of a page in another order than the newest first; `start` is any place of its walks."""
    hits = _sorted(dialect, company_id, query, start, query.limit + 1, fewer)
    if hits is None:
        return None
    total = _total(dialect, company_id, query.by_age, most, as_of, fewer) if most else None
    counted = literal(0) if total is None else total.scalar_subquery()
    return _rows(company_id, query, hits.subquery("hit"), start).add_columns(counted.label("total"))


@lru_cache(maxsize=256)  # tricks: portal.rule
def _total(
    dialect: str, company_id: int, query: Query, most: int, _as_of: datetime | None, fewer: Fewer
) -> Select[int] | None:
    hits = _ids(dialect, company_id, query, most + 1, fewer)
    return select(func.count()).select_from(hits.subquery()) if hits is not None else None


@lru_cache(maxsize=256)  # tricks: portal.pool_counts
def _kept_ids(
    dialect: str, company_id: int, query: Query, limit: int, _as_of: datetime | None, fewer: Fewer
) -> Select[int] | None:
    return _ids(dialect, company_id, query, limit, fewer)


def _shape(query: Query) -> Query:
    """Return the query at any place of its list."""
    return replace(query, before_id=_some(query.before_id), after_id=_some(query.after_id))


def _some(place: int | None) -> int | None:
    return None if place is None else 1


def _as_of(query: Query) -> datetime | None:
    if query.asks(SearchOperator.UPDATED):
        return clock.now()
    of_days = query.deadlines or query.asks(SearchOperator.APPLIED)
    return clock.start_of_day(clock.today()) if of_days else None


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _keys(query: Query) -> Keyset:
    if query.order is None:
        return newest(_candidates.c.id)
    return query.order.keyset(COLUMNS[query.order.by], _places.c.candidate_id)


def _values(query: Query, row: Any) -> tuple[Any, ...]:
    return (row.id,) if query.order is None else (row.value, row.id)


def _fewer(session: Session, company_id: int, query: Query, *, counting: bool = False) -> Fewer:
    """Look up, for each way to take the query, whether those its words or days fit are few enough to be gathered."""
    search_rows.write_marked(session)
    words = query.order is not None
    most = GATHERED if words else GATHERED_TO_COUNT if counting else GATHERED_OF_DAYS
    return tuple(_are_few(session, company_id, each, most, words=words) for each in query.asked)


def _are_few(session: Session, company_id: int, each: Asked, most: int, *, words: bool) -> bool:
    if (each.wanted is not None or each.unwanted is not None) and not words:
        # they drive by themselves, from the newest on; PostgreSQL takes them for rarer than they are and looks at all
        return (
            _dialect(session) == "postgresql" and bool(each.conditions) and _expected(session, company_id, each) < most
        )
    driver = _driver(_dialect(session), company_id, each)
    if driver is None:
        return False
    counted = select(func.count()).select_from(driver.limit(most).subquery())
    return session.execute(counted).scalar_one() < most


def _expected(session: Session, company_id: int, each: Asked) -> int:
    """Return how many people PostgreSQL expects words to fit; EXPLAIN plans the statement and does not run it."""
    connection = session.connection()
    compiled = _by_words(connection.dialect.name, company_id, each.wanted, each.unwanted).compile(connection)
    told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.construct_params()).scalar_one()
    return int(told[0]["Plan"]["Plan Rows"])


def _driver(dialect: str, company_id: int, each: Asked) -> Select[int] | None:
    """Return those whom the words fit, or the days where there are no words; none where neither is asked for."""
    if each.wanted is not None:
        return _by_words(dialect, company_id, each.wanted, each.unwanted)
    return narrowing.applied_on(company_id, each.conditions) if each.unwanted is None else None


def _sorted(
    dialect: str, company_id: int, query: Query, start: Start | None, limit: int, fewer: Fewer
) -> Select[Any] | None:
    """Return the ids that fit with the value they are sorted by, in the order of the list."""
    assert query.order is not None
    walks: list[Select[Any]] = []
    for each, few in zip(query.asked, fewer, strict=True):
        if not each.impossible:
            found, keys = (_gathered if few else _walked)(dialect, company_id, query, each)
            walks += keys.walks(found, start, limit)
    if not walks:
        return None
    parts = [select(*walk.subquery().c) for walk in walks]
    merged = union(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    return query.order.keyset(merged.c.value, merged.c.id).slice(select(merged.c.id, merged.c.value), None, limit)


def _gathered(dialect: str, company_id: int, query: Query, each: Asked) -> tuple[Select[Any], Keyset]:
    """Select all whom the words or days fit, each with the value looked up."""
    assert query.order is not None
    driver = _driver(dialect, company_id, each)
    assert driver is not None
    hit = driver.distinct().subquery()
    place = select(COLUMNS[query.order.by]).where(_places.c.candidate_id == hit.c.id, *_in_pool(company_id))
    found = select(hit.c.id, place.scalar_subquery().label("value"))
    found = _fitting_person(found, company_id, query, each, hit.c.id)
    valued = found.subquery()
    keys = query.order.keyset(valued.c.value, valued.c.id)
    return select(valued.c.id, valued.c.value).where(valued.c.value.is_not(None)), keys


def _walked(dialect: str, company_id: int, query: Query, each: Asked) -> tuple[Select[Any], Keyset]:
    """Select the people of the pool along the index of the order, each looked at."""
    assert query.order is not None
    value, person = COLUMNS[query.order.by], _places.c.candidate_id
    found = select(person.label("id"), value.label("value")).where(*_in_pool(company_id))
    if each.wanted is not None or each.unwanted is not None:
        found = found.where(_has_words(dialect, company_id, each, person))
    return _fitting_person(found, company_id, query, each, person), query.order.keyset(value, person)


def _in_pool(company_id: int) -> tuple[ColumnElement[bool], ...]:
    return _places.c.company_id == company_id, _places.c.in_pool == true()


def _has_words(dialect: str, company_id: int, each: Asked, person: ColumnElement[int]) -> ColumnElement[bool]:
    if dialect == "sqlite":
        match = fts_match(company_id, each.wanted, each.unwanted)
        return exists().where(_fts.c.rowid == person, _fts.c.candidate_fts.op("MATCH")(match))
    # a scalar, for of an EXISTS PostgreSQL makes a join that reads all hits
    row = select(_words.c.tsv).where(_words.c.company_id == company_id, _words.c.candidate_id == person)
    return row.scalar_subquery().op("@@")(cast(tsquery(each.wanted, each.unwanted), TSQUERY))


def _fitting_person(
    found: Select[Any], company_id: int, query: Query, each: Asked, person: ColumnElement[int]
) -> Select[Any]:
    conditions = _conditions(company_id, query, each)
    if not conditions:
        return found
    return found.where(exists().where(_candidates.c.id == person, _candidates.c.company_id == company_id, *conditions))


def _ids(dialect: str, company_id: int, query: Query, limit: int, fewer: Fewer) -> Select[int] | None:
    walks: list[Select[int]] = []
    for each, few in zip(query.asked, fewer, strict=True):
        if each.wanted is not None or each.unwanted is not None:
            words = _of_few if few and dialect == "postgresql" else _by_index
            walks.append(words(dialect, company_id, query, each, limit))
        elif not each.impossible:
            walks += _newest(dialect, company_id, query, each, limit, few=few)
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
    person = _person(company_id, query, each, hit).exists()
    found = _by_words(dialect, company_id, each.wanted, each.unwanted).where(person)
    return newest(hit).slice(found, query.start, limit)


def _of_few(dialect: str, company_id: int, query: Query, each: Asked, limit: int) -> Select[int]:
    """Return the statement that puts the few whom words fit in order first, and looks at each until there are enough.

    The person is a scalar, for of an EXISTS PostgreSQL makes a join that looks at all of them.
    """
    found = _by_words(dialect, company_id, each.wanted, each.unwanted)
    few = newest(_words.c.candidate_id).slice(found, query.start, None).cte().prefix_with("MATERIALIZED")
    fits = _person(company_id, query, each, few.c.id).scalar_subquery()
    return select(few.c.id).where(fits).order_by(*newest(few.c.id).order(query.start)).limit(limit)


def _person(company_id: int, query: Query, each: Asked, hit: ColumnElement[int]) -> Select[bool]:
    """Select the word yes where the person of this id is in the pool and fits."""
    return select(true()).where(
        _candidates.c.id == hit,
        _candidates.c.company_id == company_id,
        _candidates.c.basis.in_(IN_POOL),
        *_conditions(company_id, query, each),
    )


def _newest(dialect: str, company_id: int, query: Query, each: Asked, limit: int, *, few: bool) -> list[Select[int]]:
    """Without words: the newest people of each basis, walked along their index and merged.

    Where `few` applied on the days asked for, those are gathered by the index on the day; of more, applications are
    walked by their people. SQLite merges two walks as they are, and would sort each again that ends at a limit.
    """
    hit, applied = _candidates.c.id, narrowing.applied_on(company_id, each.conditions)
    conditions = _conditions(company_id, query, each, applied=applied is not None)
    if applied is not None and not few:
        return [_by_applications(company_id, query, applied, conditions, limit)]
    if applied is not None:
        conditions.append(hit.in_(applied))
    mine = select(hit.label("id")).where(_candidates.c.company_id == company_id, *conditions)
    walks = [mine.where(_candidates.c.basis == basis) for basis in IN_POOL]
    if dialect == "sqlite":
        merged = union_all(*walks).subquery()
        return [newest(merged.c.id).slice(select(merged.c.id), query.start, limit)]
    return [newest(hit).slice(walk, query.start, limit) for walk in walks]


def _by_applications(
    company_id: int, query: Query, applied: Select[int], conditions: Sequence[ColumnElement[bool]], limit: int
) -> Select[int]:
    """Return the newest people of the pool by a walk of applications that `applied` narrows, each person once."""
    [hit] = applied.selected_columns
    person = exists().where(
        _candidates.c.id == hit,
        _candidates.c.company_id == company_id,
        _candidates.c.basis.in_(IN_POOL),
        *conditions,
    )
    return newest(hit).slice(applied.where(person).distinct(), query.start, limit)


def _conditions(company_id: int, query: Query, each: Asked, *, applied: bool = False) -> list[ColumnElement[bool]]:
    """Return what must hold of a person; `applied` says that only those with an application of the days are asked."""
    person = _candidates.c.id
    conditions = narrowing.about_person(company_id, each.conditions)
    conditions += narrowing.without_application(company_id, each.conditions)
    if query.among:
        conditions.append(person.in_(query.among))
    if query.besides:
        conditions.append(person.not_in(query.besides))
    if query.follow_ups:
        meant = [follow_up for follow_up in query.follow_ups if follow_up is not None]
        undecided = [_candidates.c.follow_up.is_(None)] if None in query.follow_ups else []
        conditions.append(or_(_candidates.c.follow_up.in_(meant), *undecided))
    if query.deadlines:
        conditions.append(or_(*(deadline.holds(_candidates.c.retain_until) for deadline in query.deadlines)))
    if query.tags:
        conditions.append(
            exists().where(
                _tags.c.company_id == company_id, _tags.c.candidate_id == person, _tags.c.tag_id.in_(query.tags)
            )
        )
    application = _applications.alias("wanted")
    fitting = _fitting(company_id, query, each, application)
    if len(fitting) > (1 if applied else 0):  # the days alone need no second look
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
    if query.channels:
        conditions.append(application.c.channel.in_(query.channels))
    if query.steps:
        conditions.append(application.c.stage.in_(query.steps))
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


def _rows(company_id: int, query: Query, hit: Subquery, start: Start | None) -> Select[Any]:
    shown = _applications.alias("shown")
    application = _newest_application(company_id, query, hit.c.id, shown).correlate(hit).scalar_subquery()
    order = newest(hit.c.id) if query.order is None else query.order.keyset(hit.c.value, hit.c.id)
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
            _applications.c.applied_on,
            func.nullif(_places.c.score, NO_SCORE),
            _places.c.updated_at,
            *([] if query.order is None else [hit.c.value]),
        )
        .select_from(hit)
        .join(_candidates, (_candidates.c.id == hit.c.id) & (_candidates.c.company_id == company_id))
        .join(_places, (_places.c.candidate_id == hit.c.id) & (_places.c.company_id == company_id))
        .outerjoin(_applications, (_applications.c.id == application) & (_applications.c.company_id == company_id))
        .outerjoin(
            _positions, (_positions.c.id == _applications.c.position_id) & (_positions.c.company_id == company_id)
        )
        .order_by(*order.order(start))
    )
