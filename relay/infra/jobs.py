"""Work for the worker that is not a mail: one table of jobs, and events on their way to who must react.

Both are claimed under a lease, acted on, and marked; what fails comes back after growing waits.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import lanes
from relay.infra.log_safety import trace_of
from relay.infra.turns import Turns
from relay.models import Event, EventDelivery, Job, JobState
from relay.models.upsert import upsert

log = logging.getLogger("relay.worker")

JobFunction = Callable[[Session, Job], None]
Consumer = Callable[[Session, Event], None]

_BEGUN = "relay_part_begun"
LEASE = timedelta(minutes=15)
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360))

MAX_REST = 0.12
"""Seconds a job leaves the database to others between its parts; on SQLite whoever waits looks every 0.1 s."""


class Queue(StrEnum):
    """The queue of a job. Each is worked off by itself, so that no job is ever behind one of another queue."""

    DUTIES = "duties"
    """Nobody, but law and our word: erasure at the date, its scrubbing, licences, what runs out. Minutes at most."""
    BULK_ACTIONS = "acts"
    """Somebody at a page, who sees how far it is."""
    BACKGROUND = "background"
    """Nobody: what a file says, who is twice in the pool, words to be found. There may be any amount of it."""


class JobKind(NamedTuple):
    """The function that does the jobs of a kind, and the queue they wait in.

    The function enters its own scope and may run twice. Between parts of a long job it calls `go_on`.
    """

    name: str
    function: JobFunction
    queue: Queue = Queue.BACKGROUND


_kinds: dict[str, JobKind] = {}
_consumers: dict[str, Consumer] = {}


def register(*kinds: JobKind) -> None:
    """Make kinds of jobs known (see relay.registry)."""
    _kinds.update({kind.name: kind for kind in kinds})


def deliver_to(consumers: Mapping[str, Consumer]) -> None:
    """Say what reacts to events delivered to a name. It enters its own scope and may see an event twice."""
    _consumers.update(consumers)


def kinds() -> list[str]:
    """Return every kind of job that is known."""
    return sorted(_kinds)


def consumers() -> list[str]:
    """Return every name that events may be delivered to."""
    return sorted(_consumers)


def enqueue(
    session: Session,
    kind: str,
    *,
    key: str,
    payload: dict[str, Any] | None = None,
    company_id: int | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Put work into the table, in the caller's transaction; the same key again changes nothing.

    Returns whether it was new.
    """
    moment = clock.now()
    added = session.execute(
        upsert(session, Job)
        .values(
            kind=kind,
            key=key,
            company_id=company_id,
            payload=payload or {},
            state=JobState.QUEUED,
            due_at=due_at or moment,
            attempts=0,
            progress=0,
            total=0,
            last_error="",
            created_at=moment,
        )
        .on_conflict_do_nothing(index_elements=[Job.key])
        .returning(Job.id)
    )
    return added.first() is not None


def run_one(
    session: Session, now: datetime, *, queues: Iterable[Queue] = tuple(Queue), turns: Turns | None = None
) -> bool:
    """Do one job that is due: claim, commit, act, mark, commit. Returns whether there was one.

    It is taken from the first of the queues that has any, from the company whose turn it is.
    """
    job = _claim_job(session, now, queues, turns or Turns())
    if job is None:
        return False
    session.info[_BEGUN] = time.monotonic()
    try:
        _kinds[job.kind].function(session, job)
        job.state, job.finished_at, job.lease_until, job.last_error = JobState.DONE, clock.now(), None, ""
        session.commit()
    except Exception as error:
        session.rollback()
        _try_later(session, job, error)
    return True


def keep(session: Session, job: Job | None) -> None:
    """Commit what a part of a long job has done, and stay at the job."""
    if job is not None:
        job.lease_until = clock.now() + LEASE
    session.commit()
    lanes.move_on()


def go_on(session: Session, job: Job | None) -> None:
    """Commit what a part of a long job has written, stay at the job, and let others write before the next part.

    On SQLite one writes at a time, and a writer that waits only looks now and then: without a rest of the length of the
    part, but no longer than MOST_REST, a long job would hold everybody else up until its end.
    """
    keep(session, job)
    begun = session.info.get(_BEGUN)
    if begun is not None and session.get_bind().dialect.name == "sqlite":
        time.sleep(min(MAX_REST, time.monotonic() - begun))
        session.info[_BEGUN] = time.monotonic()


def deliver_event(session: Session, now: datetime) -> bool:
    """Hand one waiting event to its consumer: claim, commit, act and forget, commit. Returns whether there was one."""
    delivery = _claim_delivery(session, now)
    if delivery is None:
        return False
    try:
        event = session.scalars(select(Event).where(Event.id == delivery.event_id)).one()
        _consumers[delivery.consumer](session, event)
        session.delete(delivery)
        session.commit()
    except Exception as error:
        session.rollback()
        session.refresh(delivery)
        log.error("event delivery %s to %s failed: %s", delivery.id, delivery.consumer, trace_of(error))
        delivery.lease_until = clock.now() + _wait(delivery.attempts)
        session.commit()
    return True


def _claim_job(session: Session, now: datetime, queues: Iterable[Queue], turns: Turns) -> Job | None:
    due = or_(
        (Job.state == JobState.QUEUED) & (Job.due_at <= now),
        (Job.state == JobState.RUNNING) & (Job.lease_until <= now),
    )
    job = None
    for queue in queues:
        kinds = [name for name, kind in _kinds.items() if kind.queue is queue]
        job = turns.next(session, select(Job).where(due, Job.kind.in_(kinds)), Job.company_id, Job.due_at, Job.id)
        if job is not None:
            job.state, job.lease_until, job.attempts = JobState.RUNNING, now + LEASE, job.attempts + 1
            break
    session.commit()
    return job


def _claim_delivery(session: Session, now: datetime) -> EventDelivery | None:
    free = or_(EventDelivery.lease_until.is_(None), EventDelivery.lease_until <= now)
    wanted = select(EventDelivery).where(free, EventDelivery.consumer.in_(list(_consumers))).order_by(EventDelivery.id)
    delivery = session.scalars(wanted.limit(1).with_for_update(skip_locked=True)).one_or_none()
    if delivery is not None:
        delivery.lease_until, delivery.attempts = now + LEASE, delivery.attempts + 1
    session.commit()
    return delivery


def _try_later(session: Session, job: Job, error: Exception) -> None:
    session.refresh(job)
    log.error("job %s (%s) failed: %s", job.id, job.kind, trace_of(error))
    dead = job.attempts > len(WAITS)
    job.state = JobState.DEAD if dead else JobState.QUEUED
    job.due_at = clock.now() + _wait(job.attempts)
    job.finished_at = clock.now() if dead else None
    job.lease_until, job.last_error = None, trace_of(error)[:300]
    session.commit()


def _wait(attempts: int) -> timedelta:
    return WAITS[min(attempts, len(WAITS)) - 1]
