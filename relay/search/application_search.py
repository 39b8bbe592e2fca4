"""The lists of the selection: applications that run, people kept for the selection only, positions with counts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, Subquery, and_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from relay.models import (
    NO_DAY,
    Application,
    ApplicationCount,
    ApplicationResult,
    Candidate,
    ListedApplication,
    Position,
    PositionState,
    RejectionReason,
    RetentionBasis,
)
from relay.models.keyset import Page, Start, newest
from relay.models.prepared import numbered, one_of, read, rounded
from relay.search import candidate_search
from relay.search.candidate_search import Query
from relay.search.orders import ListOrder, SortBy

COUNT_CAP = candidate_search.COUNT_CAP


Rows = Select[*tuple[Any, ...]]
SORTS: dict[SortBy, Any] = {
    SortBy.APPLIED: ListedApplication.applied_on,
    SortBy.NAME: ListedApplication.name_order,
    SortBy.STEP: ListedApplication.stage_order,
    SortBy.DEADLINE: func.coalesce(ListedApplication.retain_until, literal(NO_DAY, Date, literal_execute=True)),
}
"""The orders of the list of applications, each along an index of its own."""
POSITION_SORTS = (SortBy.NAME, SortBy.TOTAL, SortBy.RUNNING)
"""The orders of positions; their numbers are sums over cells, which do not grow with the people."""


class ApplicationRow(NamedTuple):
    """One application of the list."""

    id: int
    candidate_id: int
    name: str
    kana: str
    basis: RetentionBasis
    retain_until: date | None
    position: str | None
    channel: str
    stage: str
    status: ApplicationResult
    reason: RejectionReason | None
    applied_on: date | None


class PositionRow(NamedTuple):
    """One position with how its applications stand."""

    id: int
    title: str
    state: PositionState
    confirmed_on: date | None
    total: int
    running: int
    rejected: int
    withdrew: int
    duplicate: int
    hired: int


class PositionNumbers(NamedTuple):
    """How the applications for one position stand."""

    results: dict[ApplicationResult, int]
    stages: list[tuple[str, int]]
    """Of those whose selection runs, most first; '' where no stage is recorded."""


def applications(session: Session, company_id: int, query: Query, stage: str = "") -> Page[ApplicationRow]:
    """Return a page of the applications that run, and of all whose person is kept for the selection only (A-4).

    `query` narrows as in the pool; tags are not asked for here. Its order is one of SORTS, else the newest first.
    """
    order, start = newest(ListedApplication.application_id), query.start
    if query.order is None and not query.q:
        listed = _listed(_shape(query, stage), query.limit + 1, backwards=None if start is None else start.backwards)
        found = read(session, listed, **_asked(query, stage), **(start.parameters if start is not None else {}))
        return order.cut([(row, (row.id,)) for row in map(ApplicationRow._make, found)], start, query.limit)
    chosen = _chosen(session, company_id, _rows(), query, stage)
    if chosen is None:
        return Page()
    if query.order is not None:
        keys = query.order.keyset(SORTS[query.order.by], ListedApplication.application_id)
        return keys.page(session, chosen, ApplicationRow, after=query.below, before=query.above, limit=query.limit)
    rows = [ApplicationRow(*row) for row in session.execute(order.slice(chosen, start, query.limit + 1))]
    return order.cut([(row, (row.id,)) for row in rows], start, query.limit)


class _ListShape(NamedTuple):
    """Of what a list is narrowed by, all that its statement is put together from: how many results, and positions."""

    results: int
    positions: int
    stage: bool

    def conditions(self, listed: type[ListedApplication | ApplicationCount]) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions, whose parameters `_asked` gives."""
        if self.results:
            yield one_of(listed.status, "result", self.results)
        if self.positions:
            yield one_of(listed.position_id, "position", self.positions)
        if self.stage:
            yield listed.stage == bindparam("stage")


def _shape(query: Query, stage: str) -> _ListShape:
    return _ListShape(len(rounded(query.results)), len(rounded(query.positions)), bool(stage))


def _asked(query: Query, stage: str) -> dict[str, Any]:
    """Return the parameters of a shape."""
    results, positions = numbered("result", rounded(query.results)), numbered("position", rounded(query.positions))
    return {"stage": stage, **results, **positions}


@lru_cache(maxsize=128)  # tricks: applications at a stage
def _listed(shape: _ListShape, limit: int, *, backwards: bool | None) -> Rows:
    """Select a page of the list, newest first; `backwards` is how it is read from a place, None at the top."""
    start = None if backwards is None else Start((0,), backwards)
    chosen = _rows().where(*shape.conditions(ListedApplication))
    return newest(ListedApplication.application_id).slice(chosen, start, limit)


@lru_cache(maxsize=128)  # tricks: applications at a stage
def _summed(shape: _ListShape) -> Select[int]:
    return select(func.sum(ApplicationCount.n)).where(ApplicationCount.listed, *shape.conditions(ApplicationCount))


@cache  # tricks: applications at a stage
def _rows() -> Rows:
    return (
        select(
            Application.id,
            Application.candidate_id,
            Candidate.name,
            Candidate.kana,
            Candidate.basis,
            Candidate.retain_until,
            Position.title,
            Application.channel,
            Application.stage,
            Application.status,
            Application.reason,
            Application.applied_on,
        )
        .select_from(ListedApplication)
        .join(Application, Application.id == ListedApplication.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .outerjoin(Position, Position.id == Application.position_id)
    )


def count(session: Session, company_id: int, query: Query, stage: str = "") -> int:
    """Return how many applications fit, counted up to COUNT_CAP + 1."""
    return _number(session, company_id, query, stage, COUNT_CAP + 1)


def in_selection(session: Session, company_id: int, query: Query, stage: str, limit: int) -> list[int]:
    """Return those of the applications that fit and whose selection runs, newest first."""
    running = _running(query)
    if running is None:
        return []
    chosen = _chosen(session, company_id, select(ListedApplication.application_id), running, stage)
    if chosen is None:
        return []
    return list(session.scalars(chosen.order_by(ListedApplication.application_id.desc()).limit(limit)))


def in_selection_count(session: Session, company_id: int, query: Query, stage: str, limit: int) -> int:
    """Return how many of the applications fit and run, `limit` at most."""
    running = _running(query)
    return 0 if running is None else _number(session, company_id, running, stage, limit)


_NUMBER = func.sum(ApplicationCount.n)
_STAGES = (
    select(ApplicationCount.stage, _NUMBER)
    .where(ApplicationCount.listed, ApplicationCount.stage != "")
    .group_by(ApplicationCount.stage)
    .having(_NUMBER > 0)
    .order_by(_NUMBER.desc(), ApplicationCount.stage)
)
_OF_POSITION = (
    select(ApplicationCount.listed, ApplicationCount.status, ApplicationCount.stage, _NUMBER)
    .where(ApplicationCount.listed.in_((True, False)), ApplicationCount.position_id == bindparam("position"))
    .group_by(ApplicationCount.listed, ApplicationCount.status, ApplicationCount.stage)
)


def stages(session: Session) -> list[tuple[str, int]]:
    """Return the stages people stand at, with how many, most first."""
    return [(stage, int(number)) for stage, number in read(session, _STAGES)]


def numbers_of(session: Session, position_id: int) -> PositionNumbers:
    """Return how the applications for a position stand, by one statement over their cells."""
    results, stages = Counter[ApplicationResult](), Counter[str]()
    for listed, status, stage, number in session.execute(_OF_POSITION, {"position": position_id}):
        if not listed:
            results[status] += int(number)
        elif status is ApplicationResult.OPEN:
            stages[stage] += int(number)
    return PositionNumbers(
        {each: results[each] for each in ApplicationResult if results[each]},
        sorted(((s, n) for s, n in stages.items() if n), key=lambda each: (-each[1], each)),
    )


def positions(session: Session, query: Query, state: PositionState | None = None) -> Page[PositionRow]:
    """Return a page of positions, newest first or in one of POSITION_SORTS, with the numbers of their applications."""
    if query.order is not None:
        return _sorted_positions(session, query, query.order, state)
    start = query.start
    counted = _positions(state, query.limit + 1, backwards=None if start is None else start.backwards)
    rows = [PositionRow._make(row) for row in read(session, counted, **(start.parameters if start is not None else {}))]
    return newest(Position.id).cut([(row, (row.id,)) for row in rows], start, query.limit)


def _sorted_positions(
    session: Session, query: Query, order: ListOrder, state: PositionState | None
) -> Page[PositionRow]:
    listed = select(Position.id, Position.title, Position.title_key, Position.state, Position.confirmed_on)
    if state is not None:
        listed = listed.where(Position.state == state)
    page = listed.subquery()
    counted = _counted(page, page.c.title_key).subquery()
    by = {SortBy.NAME: counted.c.title_key, SortBy.TOTAL: counted.c.total, SortBy.RUNNING: counted.c.running}
    columns = [counted.c[name] for name in PositionRow._fields]
    keys = order.keyset(by[order.by], counted.c.id)
    return keys.page(session, select(*columns), PositionRow, after=query.below, before=query.above, limit=query.limit)


def _counted(page: Subquery, *more: ColumnElement[Any]) -> Rows:
    """Select the positions of a statement with their numbers."""

    def how_many(*statuses: ApplicationResult) -> Any:
        return func.coalesce(func.sum(ApplicationCount.n).filter(ApplicationCount.status.in_(statuses)), 0)

    shown = (page.c.id, page.c.title, page.c.state, page.c.confirmed_on)
    return (
        select(
            *shown,
            how_many(*ApplicationResult).label("total"),
            how_many(ApplicationResult.OPEN).label("running"),
            how_many(ApplicationResult.REJECTED).label("rejected"),
            how_many(ApplicationResult.WITHDREW).label("withdrew"),
            how_many(ApplicationResult.DUPLICATE).label("duplicate"),
            how_many(ApplicationResult.HIRED).label("hired"),
            *more,
        )
        .outerjoin(ApplicationCount, and_(ApplicationCount.position_id == page.c.id, ~ApplicationCount.listed))
        .group_by(*shown, *more)
    )


@cache  # tricks: positions that are open
def _positions(state: PositionState | None, limit: int, *, backwards: bool | None) -> Rows:
    """Select a page; `backwards` is how it is read from a place in the list, None at the top."""

    order, start = newest(Position.id), None if backwards is None else Start((0,), backwards)
    listed = select(Position.id, Position.title, Position.state, Position.confirmed_on)
    if state is not None:
        listed = listed.where(Position.state == state)
    page = order.slice(listed, start, limit).subquery()
    return _counted(page).order_by(*newest(page.c.id).order(start))


def _running(query: Query) -> Query | None:
    """Return the query narrowed to what runs; None where it asks for other results only."""
    if query.results and ApplicationResult.OPEN not in query.results:
        return None
    return replace(query, results=(ApplicationResult.OPEN,))


def _chosen(session: Session, company_id: int, columns: Rows, query: Query, stage: str) -> Rows | None:
    chosen = columns.where(*_narrowed(query, stage))
    if query.q:
        named = candidate_search.matching(session, company_id, query.q)
        if named is None:
            return None
        chosen = chosen.where(ListedApplication.candidate_id.in_(named))
    return chosen


def _number(session: Session, company_id: int, query: Query, stage: str, limit: int) -> int:
    """Return how many fit, `limit` at most: the sum of their cells, or counted where words narrow them."""
    if not query.q:
        [(total,)] = read(session, _summed(_shape(query, stage)), **_asked(query, stage))
        return min(int(total or 0), limit)
    chosen = _chosen(session, company_id, select(ListedApplication.application_id), query, stage)
    if chosen is None:
        return 0
    return session.scalar(select(func.count()).select_from(chosen.limit(limit).subquery())) or 0


def _narrowed(query: Query, stage: str) -> Iterator[ColumnElement[bool]]:
    if query.results:
        yield ListedApplication.status.in_(query.results)
    if query.positions:
        yield ListedApplication.position_id.in_(query.positions)
    if stage:
        yield ListedApplication.stage == stage
