"""Work for the worker that is not a mail: one table of jobs, and events on their way to who must react.

Both are claimed under a lease, acted on, and marked; what fails comes back after growing waits.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from relay import clock
from relay.mail.failures import trace_of
from relay.models import Event, EventDelivery, Job, JobState

log = logging.getLogger("relay.worker")

JobFunction = Callable[[Session, Job], None]
Consumer = Callable[[Session, Event], None]
ConsumerT = TypeVar("ConsumerT", bound=Consumer)

LEASE = timedelta(minutes=15)
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360))

_functions: dict[str, JobFunction] = {}
_consumers: dict[str, Consumer] = {}


def register(kind: str, function: JobFunction) -> None:
    """Say what does the jobs of a kind. It enters its own scope, may run twice, and may commit between its parts."""
    _functions[kind] = function


def consumer(name: str) -> Callable[[ConsumerT], ConsumerT]:
    """Say what reacts to events delivered to `name`. It enters its own scope and may see an event twice."""

    def remember(function: ConsumerT) -> ConsumerT:
        _consumers[name] = function
        return function

    return remember


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
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = session.execute(
        insert(Job)
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


def run_one(session: Session, now: datetime) -> bool:
    """Do one job that is due: claim, commit, act, mark, commit. Returns whether there was one."""
    job = _claim_job(session, now)
    if job is None:
        return False
    try:
        _functions[job.kind](session, job)
        job.state, job.finished_at, job.lease_until, job.last_error = JobState.DONE, clock.now(), None, ""
        session.commit()
    except Exception as error:
        session.rollback()
        _try_later(session, job, error)
    return True


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


def _claim_job(session: Session, now: datetime) -> Job | None:
    due = or_(
        (Job.state == JobState.QUEUED) & (Job.due_at <= now),
        (Job.state == JobState.RUNNING) & (Job.lease_until <= now),
    )
    wanted = select(Job).where(due, Job.kind.in_(list(_functions))).order_by(Job.due_at, Job.id).limit(1)
    job = session.scalars(wanted.with_for_update(skip_locked=True)).one_or_none()
    if job is not None:
        job.state, job.lease_until, job.attempts = JobState.RUNNING, now + LEASE, job.attempts + 1
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
