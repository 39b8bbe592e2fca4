"""Jobs wait in three queues and by companies: what law and our word ask for is behind no file, import or search."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relay import clock, registry
from relay.candidates import files
from relay.candidates.duplicates import jobs as duplicates
from relay.connect.herp import connection
from relay.connect.herp import reading as herp
from relay.extensions import db
from relay.hiring import interview_reminders
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.infra.turns import Turns
from relay.insight import digests, learning, lookout, month_report
from relay.intake.uploads import arrival, later
from relay.intake.writing import found_later
from relay.introductions import jobs as introductions
from relay.kpis import month_counts
from relay.models import Company, Heartbeat, Job
from relay.network import (
    company_links,
    confirmations,
    figures,
    matching,
    mistaken,
    morning,
    outcome_totals,
    own_pages,
    ratings,
    renewals,
)
from relay.outreach.rescouts import SHARES_JOB
from relay.rights import asking, record_ends, term_changes
from tests.cast import Cast, make_cast


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of these tests go with them; the product's are there, whichever test comes first."""
    registry.register()
    monkeypatch.setattr(jobs, "_kinds", dict(jobs._kinds))


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def done() -> Iterator[list[str]]:
    """The keys of the jobs that were done."""
    keys: list[str] = []
    jobs.register(JobKind("duty", lambda _session, job: keys.append(job.key), Queue.DUTIES))
    jobs.register(JobKind("thick", lambda _session, job: keys.append(job.key)))
    return keys


def enqueue(session: Session, kind: str, company: Company | None, count: int = 1) -> None:
    whose = company.slug if company else "nobody"
    for number in range(count):
        jobs.enqueue(session, kind, key=f"{kind}:{whose}:{number}", company_id=company.id if company else None)
    session.commit()


def test_each_kind_waits_where_it_belongs() -> None:
    registry.register()
    queues = {name: kind.queue for name, kind in jobs._kinds.items()}
    assert {name for name, queue in queues.items() if queue is Queue.DUTIES} == {
        "erase-profile",
        "retention",
        "rewrite",
        "scrub",
        interview_reminders.KIND,
        introductions.KIND,
        "licences",
        "sweep",
        mistaken.KIND,
    }
    assert {name for name, queue in queues.items() if queue is Queue.BULK_ACTIONS} == {
        "bulk",
        "undo",
        arrival.KIND,
        later.KIND,
        found_later.KIND,
        own_pages.JOB,
        company_links.JOB,
        asking.JOB,
    }
    once = {"ask-for-pins", "count-by-mailbox"}
    assert {name for name, queue in queues.items() if queue is Queue.BACKGROUND} == once | {
        *(files.READ, duplicates.KIND, figures.KIND, matching.KIND, renewals.KIND, term_changes.KIND),
        *(confirmations.KIND, record_ends.KIND, "search-words", "tag-words", "position-words", "rules"),
        *(lookout.KIND, digests.KIND, morning.KIND, outcome_totals.KIND, month_counts.KIND, learning.KIND, SHARES_JOB),
        *(month_report.KIND, ratings.KIND),
        *(herp.KIND, connection.READ),
    }


def test_erasure_comes_before_files_that_wait_longer(session: Session, cast: Cast, done: list[str]) -> None:
    enqueue(session, "thick", cast.acme, 5)
    enqueue(session, "duty", None)
    assert jobs.run_one(session, clock.now())
    assert done == ["duty:nobody:0"]


def test_whoever_works_off_one_queue_leaves_the_others_alone(session: Session, cast: Cast, done: list[str]) -> None:
    enqueue(session, "thick", cast.acme)
    assert not jobs.run_one(session, clock.now(), queues=[Queue.DUTIES])
    assert jobs.run_one(session, clock.now(), queues=[Queue.BACKGROUND])


def test_one_companys_sixty_files_delay_no_others(session: Session, cast: Cast, done: list[str]) -> None:
    enqueue(session, "thick", cast.acme, 60)
    enqueue(session, "thick", cast.other, 2)
    turns = Turns()
    for _job in range(5):
        assert jobs.run_one(session, clock.now(), turns=turns)
    assert [key.split(":")[1] for key in done] == ["acme", "other", "acme", "other", "acme"]


def test_others_write_between_the_parts_of_a_long_job(session: Session, cast: Cast) -> None:
    """On SQLite whoever waits for the one writer looks every 0.1 s; a job that took it again at once held all up."""
    waited: list[int] = []  # through how many parts of the job
    parts: list[int] = []
    stopping = threading.Event()

    def in_parts(session: Session, job: Job) -> None:
        for part in range(8):
            session.execute(text("UPDATE companies SET name = name"))
            time.sleep(0.25)
            parts.append(part)
            jobs.go_on(session, job)

    def another(engine: object) -> None:
        with Session(engine) as mine:  # type: ignore[arg-type]
            for number in range(200):
                begun = len(parts)
                mine.add(Heartbeat(name=f"another-{number}", at=clock.now()))
                mine.commit()
                if stopping.is_set():
                    return
                waited.append(len(parts) - begun)
                time.sleep(0.05)

    jobs.register(JobKind("parts", in_parts))
    enqueue(session, "parts", cast.acme)
    writer = threading.Thread(target=another, args=[db.engine])
    writer.start()
    jobs.run_one(session, clock.now())
    stopping.set()
    writer.join(30)
    assert len(waited) >= 4, f"{len(waited)} writes while the job went on"
    assert max(waited) < 4, "nobody waits for half of the job"


def test_a_job_keeps_its_lease_while_it_goes_on(session: Session, cast: Cast) -> None:
    leases = []

    def in_parts(session: Session, job: Job) -> None:
        job.lease_until = clock.now()
        jobs.go_on(session, job)
        leases.append(session.scalars(select(Job.lease_until)).one())

    jobs.register(JobKind("parts", in_parts))
    enqueue(session, "parts", cast.acme)
    jobs.run_one(session, clock.now())
    assert leases[0] is not None
    assert leases[0] > clock.now() + jobs.LEASE / 2
