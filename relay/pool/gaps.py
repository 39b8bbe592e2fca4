"""What is missing (足りない項目): who has no usable address, no reading, no reason, no end. In the company's scope.

Each question has an index in which those who lack something stand together, so a pool without gaps answers at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Application, Candidate, Message, MessageState, Status

PAGE = 50
COUNTED = 1_000
LONG = timedelta(days=180)
"""So long after an application somebody may have forgotten to note its end."""


class Gap(StrEnum):
    """What somebody may lack."""

    MAIL = "mail"
    BOUNCED = "bounced"
    KANA = "kana"
    REASON = "reason"
    END = "end"


class Lacking(NamedTuple):
    """Somebody who lacks something."""

    candidate_id: int
    name: str
    kana: str
    email: str
    since: datetime


@dataclass(frozen=True)
class Page:
    """Some of them, the newest first, and where the next begin."""

    people: Sequence[Lacking]
    next: int | None


def listed(session: Session, gap: Gap, *, before: int | None = None, limit: int = PAGE) -> Page:
    """Return who lacks it, the newest first."""
    columns = select(Candidate.id, Candidate.name, Candidate.kana, Candidate.email, Candidate.created_at)
    wanted = _who(columns, gap).order_by(Candidate.id.desc()).limit(limit + 1)
    if before is not None:
        wanted = wanted.where(Candidate.id < before)
    found = [Lacking(*row) for row in session.execute(wanted)]
    shown = found[:limit]
    return Page(shown, shown[-1].candidate_id if len(found) > limit else None)


def counts(session: Session) -> dict[Gap, int]:
    """Return how many lack what, each counted up to COUNTED and one; by one statement."""
    each = [
        select(func.count())
        .select_from(_who(select(Candidate.id), gap).limit(COUNTED + 1).subquery())
        .scalar_subquery()
        for gap in Gap
    ]
    return dict(zip(Gap, session.execute(select(*each)).one(), strict=True))


def _who(columns: Select[*tuple[Any, ...]], gap: Gap) -> Select[*tuple[Any, ...]]:
    if gap is Gap.MAIL:
        return columns.where(Candidate.email_key == _exactly(""))
    if gap is Gap.KANA:
        return columns.where(Candidate.kana_key == _exactly(""))
    return columns.where(Candidate.id.in_(_theirs(gap)))


def _theirs(gap: Gap) -> Select[*tuple[Any, ...]]:
    if gap is Gap.REASON:
        rejected = Application.status == _exactly(Status.REJECTED)
        return select(Application.candidate_id).where(rejected, Application.reason.is_(None))
    if gap is Gap.END:
        still_open = Application.status == _exactly(Status.OPEN)
        return select(Application.candidate_id).where(still_open, Application.applied_on <= clock.today() - LONG)
    here = Message.to_address == Candidate.email
    return select(Message.candidate_id).where(Message.state == MessageState.BOUNCED, here).correlate(Candidate)


def _exactly(value: str) -> ColumnElement[Any]:
    """Return the value written into the statement, so that the database knows which partial index holds the answer."""
    return literal(str(value), literal_execute=True)
