"""Jobs and event deliveries: done once, tried again, never lost; what the worker queues by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relay import clock, registry
from relay.extensions import db
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.mail.mailbox import Mailbox
from relay.mail.transport import ToMailbox
from relay.models import (
    Event,
    EventDelivery,
    EventTag,
    Heartbeat,
    Import,
    ImportState,
    Job,
    JobState,
    PendingRegistration,
    RateCount,
    RetentionBasis,
    record,
    scopes,
)
from relay.worker import Worker, upkeep
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kinds and consumers of these tests go with them; the product's are there, whichever test comes first."""
    registry.register()
    monkeypatch.setattr(jobs, "_kinds", dict(jobs._kinds))
    monkeypatch.setattr(jobs, "_consumers", dict(jobs._consumers))
    return


def only_job(session: Session) -> Job:
    return session.scalars(select(Job)).one()


def test_the_same_key_queues_the_work_once(session: Session) -> None:
    assert jobs.enqueue(session, "test", key="test:1", payload={"a": 1})
    assert not jobs.enqueue(session, "test", key="test:1", payload={"a": 2})
    assert only_job(session).payload == {"a": 1}


def test_a_job_is_done_once(session: Session) -> None:
    done: list[int] = []
    jobs.register(JobKind("test", lambda _session, job: done.append(job.id)))
    jobs.enqueue(session, "test", key="test:1")
    session.commit()
    assert jobs.run_one(session, clock.now())
    assert not jobs.run_one(session, clock.now())
    assert only_job(session).state is JobState.DONE
    assert len(done) == 1


def test_a_job_waits_for_its_time(session: Session) -> None:
    jobs.register(JobKind("test", lambda _session, _job: None))
    due = clock.now() + timedelta(hours=1)
    jobs.enqueue(session, "test", key="test:1", due_at=due)
    session.commit()
    assert not jobs.run_one(session, due - timedelta(seconds=1))
    assert jobs.run_one(session, due)


def test_a_failing_job_leaves_nothing_behind_and_dies_after_its_last_try(session: Session) -> None:
    def fail(session: Session, _job: Job) -> None:
        session.add(Heartbeat(name="half-done", at=clock.now()))
        session.flush()
        raise RuntimeError("personal@mail.example")

    jobs.register(JobKind("test", fail))
    jobs.enqueue(session, "test", key="test:1")
    session.commit()
    moment = clock.now()
    for wait in jobs.WAITS:
        with clock.at(moment):
            assert jobs.run_one(session, moment)
            assert not jobs.run_one(session, moment)
        assert only_job(session).state is JobState.QUEUED
        assert only_job(session).due_at == moment + wait
        moment += wait
    with clock.at(moment):
        jobs.run_one(session, moment)
    job = only_job(session)
    assert job.state is JobState.DEAD
    assert "RuntimeError" in job.last_error
    assert "personal" not in job.last_error
    assert session.scalars(select(Heartbeat)).all() == []


def test_a_job_whose_worker_died_is_taken_up_later(session: Session) -> None:
    jobs.register(JobKind("test", lambda _session, _job: None))
    jobs.enqueue(session, "test", key="test:1")
    job = only_job(session)
    job.state, job.lease_until = JobState.RUNNING, clock.now() + jobs.LEASE
    session.commit()
    assert not jobs.run_one(session, clock.now())
    assert jobs.run_one(session, clock.now() + jobs.LEASE)


def test_an_event_reaches_its_consumer_and_comes_back_when_that_fails(session: Session, cast: Cast) -> None:
    seen: list[int] = []
    broken = [True]

    def notice(session: Session, event: Event) -> None:
        if broken:
            raise RuntimeError("not now")
        seen.append(event.id)

    jobs.deliver_to({"partner-notice": notice})
    record(session, EventTag.CONSENT_WITHDRAWN, partner_id=cast.tsumugi.id)
    session.commit()
    moment = clock.now()
    with clock.at(moment):
        assert jobs.deliver_event(session, moment)
        assert not jobs.deliver_event(session, moment), "it waits before the next try"
    broken.clear()
    assert jobs.deliver_event(session, moment + jobs.WAITS[0])
    assert len(seen) == 1
    assert session.scalars(select(EventDelivery)).all() == []


def test_an_event_nobody_knows_how_to_take_waits(session: Session) -> None:
    record(session, EventTag.CONSENT_WITHDRAWN)
    jobs._consumers.clear()
    session.commit()
    assert not jobs.deliver_event(session, clock.now())
    assert len(session.scalars(select(EventDelivery)).all()) == 1


def test_the_days_work_is_queued_once_a_japanese_day_by_any_number_of_workers(session: Session) -> None:
    evening = datetime(2026, 11, 21, 14, 59, tzinfo=UTC)
    for moment in (evening, evening, evening + timedelta(minutes=1)):
        upkeep.schedule(session, moment)
    keys = set(session.scalars(select(Job.key)))
    assert {"retention:2026-11-21", "retention:2026-11-22"} <= keys
    assert len([key for key in keys if key.startswith("retention:")]) == 2
    assert {"sweep:2026-11-21T14", "sweep:2026-11-21T15"} <= keys


def test_the_sweep_removes_what_has_run_out_and_nothing_else(session: Session, cast: Cast) -> None:
    now = clock.now()
    session.add(RateCount(key="old", window_start=now - timedelta(days=2), count=3))
    session.add(RateCount(key="new", window_start=now, count=3))
    for name, age in (("fresh", timedelta(hours=1)), ("stale", timedelta(hours=25))):
        with scopes.company(session, cast.acme.id):
            session.add(
                Import(
                    company_id=cast.acme.id,
                    state=ImportState.PREVIEWED,
                    format=name,
                    basis=RetentionBasis.STATED,
                    created_at=now - age,
                )
            )
    session.commit()
    jobs.enqueue(session, "sweep", key="sweep:test")
    session.commit()
    assert jobs.run_one(session, clock.now())
    assert only_job(session).state is JobState.DONE
    assert session.scalars(select(RateCount.key)).all() == ["new"]
    assert session.scalars(select(PendingRegistration)).all() == []
    with scopes.company(session, cast.acme.id):
        left = {row.format: row.state for row in session.execute(select(Import.format, Import.state))}
    assert left == {"fresh": ImportState.PREVIEWED, "stale": ImportState.DISCARDED}


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_sweep_tells_sqlite_what_its_indexes_hold(session: Session, cast: Cast) -> None:
    jobs.enqueue(session, "sweep", key="sweep:statistics")
    session.commit()
    assert jobs.run_one(session, clock.now())
    known = session.execute(text("SELECT DISTINCT tbl FROM sqlite_stat1")).scalars().all()
    assert "users" in known


def test_a_worker_told_to_do_it_once_shows_life_does_what_is_due_and_ends(session: Session, tmp_path: Path) -> None:
    done: list[int] = []
    jobs.register(JobKind("test", lambda _session, job: done.append(job.id)))
    jobs.enqueue(session, "test", key="test:1")
    jobs.enqueue(session, "test", key="test:2")
    session.commit()
    Worker(ToMailbox(Mailbox(tmp_path))).run(once=True)
    assert len(done) == 2
    after = db.session()
    assert sorted(after.scalars(select(Heartbeat.name))) == ["events", "jobs", "mail", "webhooks"]
    assert after.scalars(select(Job.state).where(Job.kind == "sweep")).all() == [JobState.DONE]
