"""The lanes side by side: none waits for another, and the one that stands still is known by its name."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock, registry
from relay.connect.webhooks import endpoints, messages
from relay.extensions import db
from relay.infra import jobs, lanes
from relay.infra.jobs import JobKind, Queue
from relay.infra.lanes import Lane
from relay.mail import outbox
from relay.mail.mailbox import Mailbox
from relay.mail.transport import DeliveryResult, Envelope, Fate, ToMailbox, Transport
from relay.models import Event, EventTag, Heartbeat, Job, Message, MessageState, record, scopes
from relay.worker import Worker, loop
from tests.cast import Cast
from tests.installation import wait_until

BEAT = 0.2
PATIENCE = 1.0


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds and consumers of these tests go with them; a worker shows life often, and loses patience soon."""
    registry.register()  # the product's are there, whichever test comes first
    monkeypatch.setattr(jobs, "_kinds", dict(jobs._kinds))
    monkeypatch.setattr(jobs, "_consumers", dict(jobs._consumers))
    monkeypatch.setattr(loop, "HEARTBEAT", BEAT)
    monkeypatch.setattr(loop, "PATIENCE", dict.fromkeys(Lane, PATIENCE))


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Set, it lets go of whatever hangs."""
    event = threading.Event()
    yield event
    event.set()


class Slow:
    """A transport that hangs on to every mail until it is released."""

    def __init__(self, release: threading.Event) -> None:
        self.release = release

    def send(self, envelope: Envelope) -> DeliveryResult:
        self.release.wait()
        return DeliveryResult(Fate.SENT)

    def held(self) -> frozenset[tuple[int | None, object]]:
        return frozenset()

    def rest(self) -> None:
        pass


@contextmanager
def working(app: Flask, transport: Transport, release: threading.Event, *only: Lane) -> Iterator[Worker]:
    """A worker in a thread; in the end what hangs is released, and it stops after the acts in hand."""
    with app.app_context():
        worker = Worker(transport, only=only or tuple(Lane))

    def run() -> None:
        with app.app_context():
            worker.run()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield worker
    finally:
        release.set()
        worker.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def mailbox(tmp_path: Path) -> ToMailbox:
    return ToMailbox(Mailbox(tmp_path))


def age(lane: Lane) -> float:
    """Seconds since the lane last showed life; -1 before it ever did."""
    with Session(db.engine) as session:
        at = lanes.seen(session)[lane]
    return (clock.now() - at).total_seconds() if at else -1.0


def wait_for_life(lane: Lane) -> None:
    """Wait until the lane shows life anew, however slow the machine is."""
    asked = clock.now()
    wait_until(lambda: 0 <= age(lane) < (clock.now() - asked).total_seconds(), f"{lane} shows life")


def asked(question: Callable[[Session], object]) -> Callable[[], bool]:
    def ask() -> bool:
        with Session(db.engine) as session, scopes.everyone(session, "test"):
            return bool(question(session))

    return ask


def test_each_lane_goes_on_while_the_others_hang(
    app: Flask, session: Session, cast: Cast, queue: Callable[..., Message], release: threading.Event
) -> None:
    """Files that take long, an act that does, a server that does: erasure is done, and a notice is handed on."""
    done: list[str] = []
    jobs.register(JobKind("thick", lambda _session, _job: release.wait()))
    jobs.register(JobKind("act", lambda _session, _job: release.wait(), Queue.BULK_ACTIONS))
    jobs.register(JobKind("duty", lambda _session, job: done.append(job.key), Queue.DUTIES))
    jobs.deliver_to({"partner-notice": lambda _session, event: done.append(event.tag)})
    queue()
    for kind in ("thick", "act"):
        for number in range(3):
            jobs.enqueue(session, kind, key=f"{kind}:{number}")
    session.commit()
    with working(app, Slow(release), release):
        time.sleep(0.5)
        jobs.enqueue(session, "duty", key="duty:1")
        record(session, EventTag.CONSENT_WITHDRAWN, company_id=cast.acme.id)
        session.commit()
        wait_until(lambda: len(done) == 2, "both are done")
        assert not release.is_set()


def test_a_worker_of_one_lane_leaves_the_others_alone(
    session: Session, cast: Cast, queue: Callable[..., Message], mailbox: ToMailbox
) -> None:
    done: list[str] = []
    jobs.register(JobKind("duty", lambda _session, job: done.append(job.key), Queue.DUTIES))
    jobs.enqueue(session, "duty", key="duty:1")
    message = queue()
    Worker(mailbox, only=[Lane.JOBS]).run(once=True)
    assert done == ["duty:1"]
    session = db.session()
    with scopes.everyone(session, "test"):
        state = session.scalars(select(Message.state).where(Message.id == message.id)).one()
    assert state is MessageState.SCHEDULED
    assert session.scalars(select(Heartbeat.name)).all() == ["jobs"]


# life


def test_a_lane_in_which_everything_hangs_shows_no_life_and_the_others_do(
    app: Flask, session: Session, cast: Cast, mailbox: ToMailbox, release: threading.Event
) -> None:
    jobs.register(JobKind("hangs", lambda _session, _job: release.wait()))
    jobs.enqueue(session, "hangs", key="hangs:1")
    session.commit()
    with working(app, mailbox, release):
        wait_until(lambda: age(Lane.JOBS) > PATIENCE + BEAT, "the jobs fall silent")
        wait_for_life(Lane.MAIL)
        wait_for_life(Lane.EVENTS)
        assert age(Lane.JOBS) > PATIENCE + BEAT


def test_a_long_job_that_moves_on_shows_life(
    app: Flask, session: Session, cast: Cast, mailbox: ToMailbox, release: threading.Event
) -> None:
    def long(session: Session, job: Job) -> None:
        while not release.wait(0.2):
            jobs.go_on(session, job)

    jobs.register(JobKind("long", long))
    jobs.enqueue(session, "long", key="long:1")
    session.commit()
    with working(app, mailbox, release, Lane.JOBS):
        for _time in range(3):
            time.sleep(PATIENCE)
            wait_for_life(Lane.JOBS)


def test_the_lane_of_mail_shows_no_life_when_no_mail_ever_comes_back(
    app: Flask, session: Session, cast: Cast, queue: Callable[..., Message], release: threading.Event
) -> None:
    for number in range(12):
        queue(to=f"p{number}@mail.example")
    with working(app, Slow(release), release, Lane.MAIL):
        wait_until(lambda: age(Lane.MAIL) > PATIENCE + BEAT, "it falls silent")


def test_a_fault_of_ours_ends_the_worker_so_that_it_is_started_anew(
    app: Flask, session: Session, mailbox: ToMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_given: object, **_named: object) -> bool:
        raise RuntimeError("a bug")

    monkeypatch.setattr(jobs, "deliver_event", breaks)
    with pytest.raises(RuntimeError, match="a bug"):
        Worker(mailbox).run()


# what a company is told


def test_a_company_is_told_of_a_lane_that_stands_still_while_something_waits(session: Session, cast: Cast) -> None:
    since = clock.now() - timedelta(minutes=3)
    with scopes.company(session, cast.acme.id):
        assert lanes.standing_still(session, cast.acme.id) == frozenset(), "nothing waits"
        outbox.queue(session, "note", company_id=cast.acme.id, to="hanako@mail.example", due_at=since)
        jobs.enqueue(session, "test", key="test:1", company_id=cast.acme.id, due_at=since)
        event = Event(at=since, tag=EventTag.CONSENT_WITHDRAWN.value, actor_kind="system", data={})
        session.add(event)
        session.flush()
        url, types = "https://hook.example/", ["candidate.rejected"]
        messages.send_test(session, endpoints.add(session, cast.acme.id, url, types).endpoint).due_at = since
        session.flush()
        assert lanes.standing_still(session, cast.acme.id) == set(Lane)
        for lane in Lane:
            lanes.beat(session, [lane])
            assert lane not in lanes.standing_still(session, cast.acme.id)
    session.query(Heartbeat).update({"at": since})
    with scopes.company(session, cast.other.id):
        told = lanes.standing_still(session, cast.other.id)
    assert told == {Lane.EVENTS}, "of what another company waits for nothing is said"


def test_what_is_only_just_due_stands_still_nowhere(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        outbox.queue(session, "note", company_id=cast.acme.id, to="hanako@mail.example")
        jobs.enqueue(session, "test", key="test:1", company_id=cast.acme.id)
        record(session, EventTag.CONSENT_WITHDRAWN, company_id=cast.acme.id)
        session.flush()
        assert lanes.standing_still(session, cast.acme.id) == frozenset()


def test_work_for_all_concerns_every_company(session: Session, cast: Cast) -> None:
    jobs.enqueue(session, "retention", key="retention:1", due_at=clock.now() - timedelta(minutes=3))
    with scopes.company(session, cast.other.id):
        assert lanes.standing_still(session, cast.other.id) == {Lane.JOBS}
