"""The worker's lanes: mail, jobs, events and webhooks. A lane that does not move is known, and by its name.

A worker writes a lane's heartbeat only while its work moves on or there is none. So a lane in which everything hangs
shows, however alive the process is; and where several workers do a lane, one that moves on is enough.
"""

import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    Event,
    EventDelivery,
    Heartbeat,
    Job,
    JobState,
    Message,
    MessageState,
    UtcDateTime,
    WebhookMessage,
    scopes,
)
from relay.models.base import BigId
from relay.models.upsert import upsert


class Lane(StrEnum):
    """A lane of the worker, and the name of its heartbeat."""

    MAIL = "mail"
    JOBS = "jobs"
    EVENTS = "events"
    WEBHOOKS = "webhooks"


SILENCE = timedelta(minutes=2)
"""A lane without a heartbeat for so long stands still."""

_SINCE = bindparam("silent_since", type_=UtcDateTime())
_COMPANY = bindparam("standing_company", type_=BigId)
_moved: dict[int, float] = {}


def move_on() -> None:
    """Note that the work of this thread moves on: an act is done, or a part of a long one."""
    _moved[threading.get_ident()] = time.monotonic()


def moved_at(thread: threading.Thread) -> float:
    """Return when a thread's work last moved on, by the monotonic clock; 0 if never."""
    return _moved.get(thread.ident or 0, 0.0)


def beat(session: Session, lanes: Iterable[Lane]) -> None:
    """Write the heartbeats of lanes that move on."""
    now = clock.now()
    alive = upsert(session, Heartbeat).values([{"name": lane.value, "at": now} for lane in lanes])
    session.execute(alive.on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": now}))


def seen(session: Session) -> dict[Lane, datetime | None]:
    """Return when each lane was last known to move on; None: never yet."""
    rows = session.execute(select(Heartbeat.name, Heartbeat.at).where(Heartbeat.name.in_(list(Lane))))
    known = dict(rows.all())
    return {lane: known.get(lane) for lane in Lane}


def is_silent(at: datetime | None) -> bool:
    """Return whether a lane last seen then does not move."""
    return at is None or at <= clock.now() - SILENCE


# what a company is told


@scopes.in_company
def standing_still(session: Session, company_id: int) -> frozenset[Lane]:
    """Return the lanes that stand still while something for the company in scope is overdue. One query."""
    row = session.execute(select(*columns()), asked(company_id)).one()
    return found(row)


def columns() -> list[ColumnElement[bool]]:
    """Return the same as columns of a statement that asks for more and is given `asked`: on every page."""
    overdue = {Lane.MAIL: _overdue_mail(), Lane.JOBS: _overdue_jobs(), Lane.EVENTS: _overdue_events()}
    overdue[Lane.WEBHOOKS] = select(WebhookMessage.id).where(WebhookMessage.due_at <= _SINCE).exists()
    return [(_silent(lane) & overdue[lane]).label(f"{lane}_stands_still") for lane in Lane]


def asked(company_id: int) -> dict[str, Any]:
    """Return what a statement with `columns` is given."""
    return {"silent_since": clock.now() - SILENCE, "standing_company": company_id}


def found(row: Any) -> frozenset[Lane]:
    """Return the lanes named by a row with `columns`."""
    return frozenset(lane for lane in Lane if getattr(row, f"{lane}_stands_still"))


def _silent(lane: Lane) -> ColumnElement[bool]:
    return ~select(Heartbeat.name).where(Heartbeat.name == lane.value, Heartbeat.at > _SINCE).exists()


def _overdue_mail() -> ColumnElement[bool]:
    """Two questions, for each follows the index of a company's messages by state."""
    return or_(
        select(Message.id).where(Message.state == MessageState.SCHEDULED, Message.due_at <= _SINCE).exists(),
        select(Message.id).where(Message.state == MessageState.SENDING, Message.lease_until <= _SINCE).exists(),
    )


def _overdue_jobs() -> ColumnElement[bool]:
    """Return the company's own jobs, and those done for all: erasure at the date, the search for duplicates."""
    mine = or_(Job.company_id == _COMPANY, Job.company_id.is_(None))
    waits = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    return select(Job.id).where(waits, Job.due_at <= _SINCE, mine).exists()


def _overdue_events() -> ColumnElement[bool]:
    """Return the condition of overdue events of any tenant: one lane does all of them in a row."""
    wait = or_(EventDelivery.lease_until.is_(None), EventDelivery.lease_until <= _SINCE)
    of = select(EventDelivery.id).join(Event, Event.id == EventDelivery.event_id)
    return of.where(wait, Event.at <= _SINCE).exists()
