"""The list 結果をまだ伝えていない方: rejected applications nobody was told of.

The longest wait comes first. Someone whose mail is on its way is not here, and nobody whose selection runs: rejecting
starts in 選考. Withdrawn, hired and duplicate applications get no result mail at all.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from relay.mail import letters
from relay.models import (
    NO_DAY,
    Application,
    ApplicationCount,
    ApplicationResult,
    Candidate,
    Message,
    MessageState,
    Position,
    RejectionReason,
)
from relay.models.keyset import Keyset, Page
from relay.models.prepared import read
from relay.search.orders import ListOrder, SortBy
from relay.text import kana_key, name_key

PAGE = 50
COUNT_CAP = 10_000
ON_THEIR_WAY = (MessageState.SCHEDULED, MessageState.SENDING)
SORTS = (SortBy.APPLIED,)
"""The orders of the list, along the index of who is in it."""
_LISTED = (ApplicationResult.REJECTED,)
_NOTIFIABLE = (ApplicationResult.OPEN, ApplicationResult.REJECTED)

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Criteria:
    """The conditions that narrow the list."""

    position_id: int | None = None
    stage: str = ""
    q: str = ""

    @property
    def narrows(self) -> bool:
        """Return whether anything is asked for."""
        return bool(self.position_id or self.stage or self.q)


ALL = Criteria()


class PendingRow(NamedTuple):
    """One application as the list shows it."""

    application_id: int
    candidate_id: int
    name: str
    kana: str
    email: str
    position: str | None
    stage: str
    status: ApplicationResult
    reason: RejectionReason | None
    applied_on: date | None
    decided_on: date | None


@dataclass(frozen=True)
class PendingNumbers:
    """How many match, and how they stand by position (id, title, number) and by stage (name, number)."""

    total: int
    positions: Sequence[tuple[int, str, int]]
    stages: Sequence[tuple[str, int]]


def rows(
    session: Session,
    criteria: Criteria = ALL,
    order: ListOrder | None = None,
    *,
    after: str = "",
    before: str = "",
    limit: int = PAGE,
) -> Page[PendingRow]:
    """Return a page of the list, after or before a place in it; `order` is one of SORTS, else who waits longest."""
    query = _narrowed(_listed(), criteria)
    values: dict[str, Any] | None = None if criteria.narrows or order is not None else {}
    return _order(order).page(session, query, PendingRow, after=after, before=before, limit=limit, values=values)


def count(session: Session) -> int:
    """Return how many there are in all, 10,001 at most."""
    [(all_of_them, moving)] = read(session, _number())
    return min(int(all_of_them - moving), COUNT_CAP + 1)


@cache  # tricks: home
def _number() -> Select[int, int]:
    cells = select(func.coalesce(func.sum(ApplicationCount.n), 0)).where(ApplicationCount.pending)
    moving = select(func.count(Application.id)).where(*_moving())
    return select(cells.scalar_subquery(), moving.scalar_subquery())


def numbers(session: Session, criteria: Criteria) -> PendingNumbers:
    """Return how many match, and the positions and stages among those who match the rest of the criteria.

    The numbers are sums of cells without those on their way; where a name narrows them, all are counted one by one.
    """
    total, by_position, by_stage = 0, Counter[tuple[int, str]](), Counter[str]()
    for position_id, title, stage, number in _cells(session, criteria.q):
        here, there = criteria.position_id in (None, position_id), criteria.stage in ("", stage)
        total += number if here and there else 0
        by_position[position_id, title or ""] += number if there else 0
        by_stage[stage] += number if here else 0
    return PendingNumbers(
        min(total, COUNT_CAP + 1),
        [(position_id, title, n) for (position_id, title), n in by_position.items() if position_id and n],
        sorted(((stage, n) for stage, n in by_stage.items() if stage and n), key=lambda each: (-each[1], each[0])),
    )


def ids(session: Session, criteria: Criteria, limit: int) -> list[int]:
    """Return the applications that match, who waits longest first."""
    query = _chosen(select(Application.id), criteria).order_by(_since(), Application.id).limit(limit)
    return list(session.scalars(query))


def of_people(session: Session, candidate_ids: Sequence[int], limit: int) -> list[int]:
    """Return the applications of these people that are in the list, who waits longest first."""
    query = _chosen(select(Application.id), ALL).where(Application.candidate_id.in_(candidate_ids))
    return list(session.scalars(query.order_by(_since(), Application.id).limit(limit)))


@cache  # tricks: portal.results_links
def _notifiable() -> Query:
    query = _with_person(_NOTIFIABLE).where(Application.id.in_(bindparam("applications", expanding=True)))
    return query.order_by(_since(), Application.id)


def notifiable(session: Session, application_ids: Sequence[int]) -> list[PendingRow]:
    """Return those of the applications that can be told, in the order of the list; those in selection among them."""
    return [PendingRow(*row) for row in session.execute(_notifiable(), {"applications": list(application_ids)})]


def _cells(session: Session, q: str) -> Iterator[tuple[int, str | None, str, int]]:
    """Yield position, its title, stage and number, by title."""
    if q:
        for row in session.execute(_with_titles(_chosen(_by_cell(), Criteria(q=q)))):
            yield row[0], row[1], row[2], int(row[3])
        return
    gone = {(position_id, stage): number for position_id, stage, number in session.execute(_moving_by_cell())}
    for position_id, title, stage, number in session.execute(_kept_cells()):
        yield position_id, title, stage, int(number) - gone.get((position_id, stage), 0)


@cache  # tricks: results, not yet told
def _moving_by_cell() -> Query:
    return _by_cell().where(*_moving())


@cache  # tricks: results, not yet told
def _kept_cells() -> Query:
    column = ApplicationCount
    kept = select(column.position_id, column.stage, func.sum(column.n).label("n")).where(column.pending)
    return _with_titles(kept.group_by(column.position_id, column.stage))


def _with_titles(cells: Query) -> Query:
    counted = cells.subquery()
    query = select(counted.c.position_id, Position.title, counted.c.stage, counted.c.n)
    return query.outerjoin(Position, Position.id == counted.c.position_id).order_by(Position.title)


def _by_cell() -> Query:
    """Count applications by position and stage."""
    # by what no index is sorted by: else SQLite walks every application
    position = func.coalesce(Application.position_id, 0).label("position_id")
    return select(position, Application.stage, func.count().label("n")).group_by(position, Application.stage)


@cache  # tricks: results, not yet told
def _listed() -> Query:
    return _with_person(_LISTED)


def _with_person(statuses: tuple[ApplicationResult, ...]) -> Query:
    query = select(
        Application.id,
        Candidate.id,
        Candidate.name,
        Candidate.kana,
        Candidate.email,
        Position.title,
        Application.stage,
        Application.status,
        Application.reason,
        Application.applied_on,
        Application.decided_on,
    ).outerjoin(Position, Position.id == Application.position_id)
    return _pending(query.join(Candidate, Candidate.id == Application.candidate_id), statuses)


def _chosen(query: Query, criteria: Criteria) -> Query:
    query = _pending(query, _LISTED)
    if criteria.q:
        query = query.join(Candidate, Candidate.id == Application.candidate_id)
    return _narrowed(query, criteria)


def _pending(query: Query, statuses: tuple[ApplicationResult, ...]) -> Query:
    return query.where(_is(*statuses), Application.notified_at.is_(None), Application.id.not_in(_on_their_way()))


def _moving() -> tuple[ColumnElement[bool], ...]:
    """Select those who would be in the list, if their mail were not on its way."""
    return _is(*_LISTED), Application.notified_at.is_(None), Application.id.in_(_on_their_way())


def _is(*statuses: ApplicationResult) -> ColumnElement[bool]:
    """Select by result; a single one is written into the statement, so that its partial index is known to fit."""
    if len(statuses) == 1:
        return Application.status == literal(statuses[0], Application.status.type, literal_execute=True)
    return Application.status.in_(statuses)


def _on_their_way() -> Select[int | None]:
    return select(Message.subject_id).where(
        letters.telling_result(), Message.state.in_(ON_THEIR_WAY), Message.subject_id.is_not(None)
    )


def _narrowed(query: Query, criteria: Criteria) -> Query:
    if criteria.position_id:
        query = query.where(Application.position_id == criteria.position_id)
    if criteria.stage:
        query = query.where(Application.stage == criteria.stage)
    if criteria.q:
        query = query.where(_named(criteria.q))
    return query


def _named(typed: str) -> ColumnElement[bool]:
    """Return the condition that every word is in the name or its reading; a short list, so a plain LIKE is enough."""
    word = name_key(typed)
    if not word:
        return Candidate.id.is_not(None)
    return or_(
        Candidate.name_key.contains(word, autoescape=True),
        Candidate.kana_key.contains(kana_key(typed), autoescape=True),
    )


def _since() -> ColumnElement[date]:
    return func.coalesce(Application.applied_on, literal(NO_DAY, Date, literal_execute=True))  # as its index has it


@cache  # tricks: results, not yet told
def _order(order: ListOrder | None) -> Keyset:
    return (order or ListOrder(SortBy.APPLIED, falling=False)).keyset(_since(), Application.id)
