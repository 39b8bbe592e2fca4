"""Results that were begun and neither sent nor given up, or were stopped, for the list that leads back to them."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from relay.mail import letters
from relay.models import Application, Candidate, Message, MessageBatch, MessageState, User, moments
from relay.models.prepared import read

MAX_SHOWN = 50
"""Acts the list shows, the newest first; a draft is kept for a week only."""


STOPPED_SHOWN = timedelta(days=7)
"""How long the list names an act whose mails were stopped."""


class DraftAct(NamedTuple):
    """One act of writing: its code, how many of its people can still be told, and the first of them."""

    batch: str
    begun_at: datetime
    by_user_id: int | None
    writer: str | None
    first: str
    size: int


def unfinished(session: Session) -> list[DraftAct]:
    """Return the acts with people still to tell; a person written to again by the same member is of the newer act."""
    return [DraftAct(*row) for row in read(session, _unfinished())]


def stopped(session: Session) -> list[DraftAct]:
    """Return the acts of the last days whose mails were stopped, with people still to tell and not written to since."""
    return [DraftAct(*row) for row in read(session, _stopped())]


@cache  # tricks: portal.results_drafts
def _unfinished() -> Select[*tuple[Any, ...]]:
    return _acts(Message.state == MessageState.DRAFT, ~_written_to_again())


@cache  # tricks: portal.results_drafts
def _stopped() -> Select[*tuple[Any, ...]]:
    lately = Message.settled_at >= moments.now(-STOPPED_SHOWN)
    return _acts(Message.state == MessageState.CANCELLED, lately, ~_written_to_since())


def _acts(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    # found first, by their state: told to group them, SQLite walks all mails of the company by their acts
    kept = (
        select(Message.id, Message.batch_id)
        .join(Application, Application.id == Message.subject_id)
        .where(letters.telling_result(), Application.notified_at.is_(None), *conditions)
        .cte("kept")
        .prefix_with("MATERIALIZED")
    )
    open_acts = (
        select(kept.c.batch_id, func.min(kept.c.id).label("first"), func.count().label("size"))
        .group_by(kept.c.batch_id)
        .order_by(kept.c.batch_id.desc())
        .limit(MAX_SHOWN)
        .subquery()
    )
    return (
        select(
            MessageBatch.code,
            MessageBatch.created_at,
            MessageBatch.by_user_id,
            User.name,
            Candidate.name,
            open_acts.c.size,
        )
        .join(open_acts, open_acts.c.batch_id == MessageBatch.id)
        .join(Message, Message.id == open_acts.c.first)
        .join(Candidate, Candidate.id == Message.candidate_id)
        .outerjoin(User, User.id == MessageBatch.by_user_id)
        .order_by(MessageBatch.id.desc())
    )


def _written_to_again() -> ColumnElement[bool]:
    later = aliased(Message)
    return (
        select(later.id)
        .where(
            later.candidate_id == Message.candidate_id,
            later.subject_id == Message.subject_id,
            later.by_user_id == Message.by_user_id,
            later.state == MessageState.DRAFT,
            later.id > Message.id,
        )
        .exists()
    )


def _written_to_since() -> ColumnElement[bool]:
    later = aliased(Message)
    return (
        select(later.id)
        .where(
            later.candidate_id == Message.candidate_id,
            later.subject_id == Message.subject_id,
            later.letter == Message.letter,
            later.id > Message.id,
        )
        .exists()
    )
