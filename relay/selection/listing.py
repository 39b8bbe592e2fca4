"""The lists of the selection: applications that run, people kept for the selection only, positions with counts."""

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from relay.models import Application, ApplicationResult, Candidate, Position, RejectionReason, RetentionBasis
from relay.models.keyset import Page, newest
from relay.pool import search
from relay.pool.search import Query

COUNT_CAP = search.COUNT_CAP


Rows = Select[*tuple[Any, ...]]


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
    total: int
    running: int
    rejected: int
    withdrew: int
    duplicate: int
    hired: int


def applications(session: Session, company_id: int, query: Query, stage: str = "") -> Page[ApplicationRow]:
    """Return a page of the applications that run, and of all whose person is kept for the selection only (A-4).

    `query` narrows as in the pool; tags are not asked for here. Cursors are application ids.
    """
    columns = select(
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
    ).outerjoin(Position, Position.id == Application.position_id)
    chosen = _chosen(session, company_id, columns, query, stage)
    if chosen is None:
        return Page()
    order, start = newest(Application.id), query.start
    rows = [ApplicationRow(*row) for row in session.execute(order.slice(chosen, start, query.limit + 1))]
    return order.cut([(row, (row.id,)) for row in rows], start, query.limit)


def count(session: Session, company_id: int, query: Query, stage: str = "") -> int:
    """Return how many applications fit, counted up to COUNTED + 1."""
    chosen = _chosen(session, company_id, select(Application.id), query, stage)
    if chosen is None:
        return 0
    return session.scalar(select(func.count()).select_from(chosen.limit(COUNT_CAP + 1).subquery())) or 0


def in_selection(session: Session, company_id: int, query: Query, stage: str, limit: int) -> list[int]:
    """Return those of the applications that fit and whose selection runs, newest first."""
    if query.results and ApplicationResult.OPEN not in query.results:
        return []
    running = replace(query, results=(ApplicationResult.OPEN,))
    chosen = _chosen(session, company_id, select(Application.id), running, stage)
    return [] if chosen is None else list(session.scalars(chosen.order_by(Application.id.desc()).limit(limit)))


def stages(session: Session, company_id: int) -> list[tuple[str, int]]:
    """Return the stages people stand at, with how many, most first."""
    everyone = _chosen(session, company_id, select(Application.stage, func.count()), Query(), "")
    assert everyone is not None
    found = session.execute(
        everyone.where(Application.stage != "")
        .group_by(Application.stage)
        .order_by(func.count().desc(), Application.stage)
    )
    return [(stage, number) for stage, number in found]


def positions(session: Session, query: Query) -> Page[PositionRow]:
    """Return a page of positions, newest first, with their applications counted by one statement."""

    def how_many(*statuses: ApplicationResult) -> Any:
        return func.count(Application.id).filter(Application.status.in_(statuses))

    order, start = newest(Position.id), query.start
    page = order.slice(select(Position.id, Position.title), start, query.limit + 1).subquery()
    counted = (
        select(
            page.c.id,
            page.c.title,
            func.count(Application.id),
            how_many(ApplicationResult.OPEN),
            how_many(ApplicationResult.REJECTED),
            how_many(ApplicationResult.WITHDREW),
            how_many(ApplicationResult.DUPLICATE),
            how_many(ApplicationResult.HIRED),
        )
        .outerjoin(Application, Application.position_id == page.c.id)
        .group_by(page.c.id, page.c.title)
        .order_by(*newest(page.c.id).order(start))
    )
    rows = [PositionRow(*row) for row in session.execute(counted)]
    return order.cut([(row, (row.id,)) for row in rows], start, query.limit)


def _chosen(session: Session, company_id: int, columns: Rows, query: Query, stage: str) -> Rows | None:
    chosen = columns.join(Candidate, Candidate.id == Application.candidate_id).where(
        or_(Application.status == ApplicationResult.OPEN, Candidate.basis == RetentionBasis.SELECTION)
    )
    if query.q:
        named = search.matching(session, company_id, query.q)
        if named is None:
            return None
        chosen = chosen.where(Application.candidate_id.in_(named))
    if query.results:
        chosen = chosen.where(Application.status.in_(query.results))
    if query.positions:
        chosen = chosen.where(Application.position_id.in_(query.positions))
    if stage:
        chosen = chosen.where(Application.stage == stage)
    return chosen
