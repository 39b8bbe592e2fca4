"""The list 結果をまだ伝えていない方: rejected applications nobody was told of.

The longest wait comes first. Someone whose mail is on its way is not here, and nobody whose selection runs: rejecting
starts in 選考. Withdrawn, hired and duplicate applications get no result mail at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from relay.mail import letters
from relay.models import Application, ApplicationResult, Candidate, Message, MessageState, Position, RejectionReason
from relay.models.keyset import Keyset, Page, ascending
from relay.text import kana_key, name_key

PAGE = 50
COUNT_CAP = 10_000
ON_THEIR_WAY = (MessageState.SCHEDULED, MessageState.SENDING)
_LISTED = (ApplicationResult.REJECTED,)
_NOTIFIABLE = (ApplicationResult.OPEN, ApplicationResult.REJECTED)
_LATE = date(9999, 12, 31)

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


def rows(
    session: Session,
    criteria: Criteria = ALL,
    *,
    after: str = "",
    before: str = "",
    limit: int = PAGE,
) -> Page[PendingRow]:
    """Return a page of the list, after or before a place in it."""
    query = _narrowed(_with_person(_LISTED), criteria)
    return _order().page(session, query, PendingRow, after=after, before=before, limit=limit)


def count(session: Session, criteria: Criteria = ALL) -> int:
    """Return how many there are; stops counting after 10,000."""
    some = _chosen(select(Application.id), criteria).limit(COUNT_CAP + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def ids(session: Session, criteria: Criteria, limit: int) -> list[int]:
    """Return the applications that match, who waits longest first."""
    query = _chosen(select(Application.id), criteria).order_by(_since(), Application.id).limit(limit)
    return list(session.scalars(query))


def notifiable(session: Session, application_ids: Sequence[int]) -> list[PendingRow]:
    """Return those of the applications that can be told, in the order of the list; those in selection among them."""
    query = _with_person(_NOTIFIABLE).where(Application.id.in_(application_ids)).order_by(_since(), Application.id)
    return [PendingRow(*row) for row in session.execute(query)]


def positions(session: Session, criteria: Criteria) -> list[tuple[int, str, int]]:
    """Positions among those who match the rest of the criteria, with their numbers."""
    # counted first, and by what no index is sorted by: else SQLite walks every application
    position = func.coalesce(Application.position_id, 0).label("position")
    waiting = _chosen(select(position, func.count().label("n")), replace(criteria, position_id=None))
    counted = waiting.group_by(position).subquery()
    query = select(Position.id, Position.title, counted.c.n).join(counted, counted.c.position == Position.id)
    found = session.execute(query.order_by(Position.title))
    return [(row[0], row[1], row[2]) for row in found]


def stages(session: Session, criteria: Criteria) -> list[tuple[str, int]]:
    """Stages among those who match the rest of the criteria, with their numbers."""
    query = _chosen(select(Application.stage, func.count()), replace(criteria, stage="")).where(Application.stage != "")
    found = session.execute(query.group_by(Application.stage).order_by(func.count().desc(), Application.stage))
    return [(row[0], row[1]) for row in found]


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
    return query.where(
        Application.status.in_(statuses),
        Application.notified_at.is_(None),
        Application.id.not_in(
            select(Message.subject_id).where(
                letters.telling_result(), Message.state.in_(ON_THEIR_WAY), Message.subject_id.is_not(None)
            )
        ),
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
    return func.coalesce(Application.applied_on, literal(_LATE, Date))


def _order() -> Keyset:
    return Keyset(ascending(_since()), ascending(Application.id))
