"""再スカウト as HR's pages list it: answers that wait for HR, news of a week, and what one person or position has had.

In the scope of one company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    InterviewInvitation,
    Message,
    MessageState,
    Position,
    Rescout,
    RescoutAnswer,
    moments,
)
from relay.models.prepared import numbered, one_of, read, rounded

REPLY_WITHIN = timedelta(days=7)
"""Within how many days home asks HR to reply to a yes; our choice."""
NEWS = timedelta(days=7)
"""For how long home tells of a place found."""
MAX_NEWS = 5
MAX_SHOWN = 50
_UNSENT = (MessageState.CANCELLED, MessageState.SUPPRESSED)


class WaitingAnswers(NamedTuple):
    """People who said yes and have not been answered: how many, and when the first of them said so."""

    people: int
    since: datetime | None


class PlacedNews(NamedTuple):
    """A person who has found a place, with their line, and when they said so."""

    candidate_id: int
    name: str
    line: str
    answered_at: datetime

    @property
    def until(self) -> date:
        """Return the last day on which home says so."""
        day: date = (self.answered_at + NEWS).astimezone(clock.JAPAN).date()
        return day


class RescoutRow(NamedTuple):
    """One mail about a position, and what became of it."""

    candidate_id: int
    name: str
    position_id: int
    position: str
    message_id: int
    state: MessageState
    created_at: datetime
    settled_at: datetime | None
    answer: RescoutAnswer | None
    answered_at: datetime | None
    waits_until: date | None
    line: str


@dataclass(frozen=True)
class EarlierApplication:
    """The application before a 再応募, as its mark shows it."""

    position: str
    stage: str
    status: ApplicationResult
    on: date | None


_STEPPED = exists().where(
    ApplicationStep.company_id == Application.company_id, ApplicationStep.application_id == Application.id
)
_MEETS = exists().where(
    InterviewInvitation.company_id == Application.company_id,
    InterviewInvitation.application_id == Application.id,
    InterviewInvitation.closed_at.is_(None),
    InterviewInvitation.slot_id.is_not(None),
)
WAITING_ROWS = (
    select(func.count(), func.min(Rescout.answered_at))
    .join(Application, Application.id == Rescout.application_id)
    .where(Rescout.answer == RescoutAnswer.YES, Application.status == ApplicationResult.OPEN, ~_STEPPED, ~_MEETS)
)
PLACED_ROWS = (
    select(Candidate.id, Candidate.name, Rescout.line, Rescout.answered_at)
    .join(Candidate, Candidate.id == Rescout.candidate_id)
    .where(Rescout.answer == RescoutAnswer.PLACED, Rescout.answered_at > moments.now(-NEWS))
    .order_by(Rescout.answered_at.desc(), Rescout.id.desc())
    .limit(MAX_NEWS)
)


def waiting_answers(session: Session) -> WaitingAnswers:
    """Return the people who said yes whom nobody has gone on with, and who have picked no time for an interview."""
    return WaitingAnswers(*read(session, WAITING_ROWS)[0])


def placed_news(session: Session) -> list[PlacedNews]:
    """Return who told within a week that they found a place, the latest first; a handful."""
    rows = read(session, PLACED_ROWS)
    return [PlacedNews(id_, name, line, at) for id_, name, line, at in rows if at is not None]


def is_known() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that there is a 再スカウト of theirs."""
    return exists().where(Rescout.company_id == Candidate.company_id, Rescout.candidate_id == Candidate.id)


def of_candidate(session: Session, candidate_id: int) -> list[RescoutRow]:
    """Return what one person has had, the newest first."""
    return _rows(session, _of_candidate(), candidate_id)


def of_position(session: Session, position_id: int) -> list[RescoutRow]:
    """Return the newest mails about one position, as many as a screen holds."""
    return _rows(session, _of_position(), position_id)


@lru_cache(maxsize=32)  # tricks: applications at a stage
def _marked(many: int) -> Select[int | None]:
    return select(Rescout.application_id).where(one_of(Rescout.application_id, "application", many))


def applied_again(session: Session, application_ids: Sequence[int]) -> dict[int, EarlierApplication | None]:
    """Return those of the applications that are a 再応募, each with the last application before it."""
    if not application_ids:
        return {}
    shown = rounded(application_ids)
    again = [id_ for (id_,) in read(session, _marked(len(shown)), **numbered("application", shown)) if id_ is not None]
    if not again:
        return {}
    later, earlier = aliased(Application), aliased(Application)
    before = (
        select(later.id, Position.title, earlier.stage, earlier.status, earlier.decided_on, earlier.applied_on)
        .join(earlier, (earlier.candidate_id == later.candidate_id) & (earlier.id < later.id))
        .outerjoin(Position, Position.id == earlier.position_id)
        .where(later.id.in_(again))
        .order_by(later.id, earlier.id)
    )
    found: dict[int, EarlierApplication | None] = dict.fromkeys(again)
    for id_, title, stage, status, decided_on, applied_on in session.execute(before):
        found[id_] = EarlierApplication(title or "", stage, status, decided_on or applied_on)
    return found


def _rows(session: Session, which: Select[*tuple[Any, ...]], of: int) -> list[RescoutRow]:
    return [RescoutRow(*row) for row in read(session, which, of=of)]


@cache  # tricks: record
def _of_candidate() -> Select[*tuple[Any, ...]]:
    return _columns().where(Rescout.candidate_id == bindparam("of"))


@cache  # tricks: portal.position
def _of_position() -> Select[*tuple[Any, ...]]:
    return _columns().where(Rescout.position_id == bindparam("of"))


def _columns() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Candidate.id,
            Candidate.name,
            Position.id,
            Position.title,
            Message.id,
            Message.state,
            Message.created_at,
            Message.settled_at,
            Rescout.answer,
            Rescout.answered_at,
            Rescout.waits_until,
            Rescout.line,
        )
        .select_from(Rescout)
        .join(Candidate, Candidate.id == Rescout.candidate_id)
        .join(Position, Position.id == Rescout.position_id)
        .join(Message, Message.id == Rescout.message_id)
        .where(Message.state.not_in(_UNSENT))
        .order_by(Rescout.id.desc())
        .limit(MAX_SHOWN)
    )
