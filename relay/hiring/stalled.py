"""Applications in selection without a step (動きのない選考): nothing was recorded of them for AFTER, longest first.

A step, another stage, a file that changes something about the application: each counts as one, and so does a time that
was picked for an interview, until so long after it.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, func, or_, select
from sqlalchemy.orm import Session

from relay.hiring.unfinished import OPEN
from relay.models import Application, ApplicationStep, Candidate, InterviewInvitation, Position, Slot, moments
from relay.models.keyset import Keyset, Page, ascending
from relay.models.prepared import read

AFTER = timedelta(days=14)
"""So long a selection may rest before home says so."""
PAGE = 50
COUNT_CAP = 100
_ORDER = Keyset(ascending(Application.updated_at), ascending(Application.id))


class StalledRow(NamedTuple):
    """One application of the list."""

    id: int
    candidate_id: int
    name: str
    kana: str
    position: str | None
    stage: str
    applied_on: date | None
    since: datetime
    """When something was recorded of it last."""


class Stalled(NamedTuple):
    """How many there are, COUNT_CAP + 1 at most, and since when the first of them rests."""

    number: int
    since: datetime | None


def _rests() -> tuple[ColumnElement[bool], ...]:
    """Select them. A file may bring a step and nothing else, so steps are asked as well."""
    stepped = (
        select(ApplicationStep.id)
        .where(
            ApplicationStep.company_id == Application.company_id,
            ApplicationStep.application_id == Application.id,
            or_(ApplicationStep.updated_at > moments.now(-AFTER), ApplicationStep.on > moments.today(-AFTER)),
        )
        .exists()
    )
    # looked up once, for few meet in these days: asked of each application, SQLite walks the slots to come every time
    meet = (
        select(InterviewInvitation.application_id)
        .join(Slot, Slot.id == InterviewInvitation.slot_id)
        .where(Slot.starts_at > moments.now(-AFTER))
    )
    return OPEN, Application.updated_at <= moments.now(-AFTER), ~stepped, Application.id.not_in(meet)


_SOME = select(Application.updated_at).where(*_rests()).limit(bindparam("most", type_=Integer())).subquery()
_STALLED = select(func.count(), func.min(_SOME.c.updated_at)).select_from(_SOME)
_LISTED = (
    select(
        Application.id,
        Application.candidate_id,
        Candidate.name,
        Candidate.kana,
        Position.title,
        Application.stage,
        Application.applied_on,
        Application.updated_at,
    )
    .join(Candidate, Candidate.id == Application.candidate_id)
    .outerjoin(Position, Position.id == Application.position_id)
    .where(*_rests())
)


def stalled(session: Session) -> Stalled:
    """Return how many applications of the company in scope rest, by one statement along their index."""
    [(number, since)] = read(session, _STALLED, most=COUNT_CAP + 1)
    return Stalled(number, since)


def rows(session: Session, *, after: str = "", before: str = "") -> Page[StalledRow]:
    """Return a page of them, who rests longest first, after or before a place in the list."""
    return _ORDER.page(session, _LISTED, StalledRow, after=after, before=before, limit=PAGE, values={})
