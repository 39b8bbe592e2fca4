"""The worker's part of deletion: the daily retention run, and scrubbing what a database file still holds afterwards."""

import logging
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs, lanes
from relay.infra.jobs import JobKind, Queue
from relay.models import Event, Import, Job, JobState, Profile, scopes
from relay.models.locking import lock_profile
from relay.network.own_pages import ERASE_JOB
from relay.rights import erasure, retention

log = logging.getLogger("relay")

REWRITTEN_AT_ONCE, MOST_REWRITTEN = 200 * 1024**2, 2 * 1024**3
"""Bytes of an SQLite file that is rewritten in a few seconds, and of one that is at all, in less than a minute."""
NIGHT = time(1)
"""The hour, in Japan, at which a larger file is rewritten: nobody minds waiting, and the backup comes later."""
REWRITING = timedelta(hours=1)
"""The lease of a rewriting, in which no other worker begins it again."""


class StillRead(RuntimeError):
    """Someone was reading while the log was to be emptied; the job comes back."""


def retain(session: Session, job: Job) -> None:
    """Erase everyone whose last day has passed; each part is a transaction of its own, so no writer waits long.

    Before that it sets the days of those whose selection is not carried on, and takes away what no longer holds.
    """
    for _looked_at in retention.date_unfinished(session):
        jobs.go_on(session, job)
    while any(left.remaining for left in retention.run(session)):
        jobs.go_on(session, job)
    after = 0
    while gone := retention.run_profiles(session, after=after):
        after = gone[-1]
        jobs.go_on(session, job)


def erase_as_planned(session: Session, job: Job) -> None:
    """Erase the person who asked for it on their own page 72 hours ago, unless they took that back."""
    profile_id = int(job.payload["profile_id"])
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        due = session.scalar(select(Profile.erase_at))
    if due is not None and due <= clock.now():
        erasure.erase_profile(session, profile_id)


def ask_for_scrub(session: Session, event: Event) -> None:
    """After an erasure the index is to be scrubbed; one waiting job serves several erasures."""
    if not _is_waiting(session, "scrub"):
        jobs.enqueue(session, "scrub", key=f"scrub:{event.id}")


def _is_waiting(session: Session, kind: str) -> bool:
    waiting = select(Job.id).where(Job.kind == kind, Job.state == JobState.QUEUED)
    return session.scalars(waiting.limit(1)).first() is not None


def scrub(session: Session, job: Job | None = None) -> None:
    """Take out what a database still holds of erased rows; safe to do at any time.

    Raises StillRead when a reader holds SQLite's log open.
    """
    engine: Engine = session.get_bind().engine
    if engine.dialect.name == "postgresql":
        session.commit()
        _scrub_postgresql(engine)
        return
    for words in ("candidate_fts", "partner_people_fts"):
        session.execute(text(f"INSERT INTO {words}({words}) VALUES ('optimize')"))  # noqa: S608
    if job is not None and not _is_waiting(session, "rewrite"):
        jobs.enqueue(session, "rewrite", key=f"rewrite:{job.id}", due_at=_when_to_rewrite(session))
    session.commit()
    _empty_log(engine)


def rewrite(session: Session, job: Job) -> None:
    """Write SQLite's file again, then empty its log; where that has to be tried again, the log alone.

    SQLite overwrites deleted rows (secure_delete), but a page that was split keeps copies of the rows that moved to
    another one in its unused part, and those outlive the deletion; only VACUUM leaves them behind. Writers wait
    meanwhile, so a large file is rewritten by night, and one beyond MOST_REWRITTEN not at all (README, In production).
    Raises StillRead.
    """
    engine: Engine = session.get_bind().engine
    if not job.payload.get("rewritten"):
        if _size(session) > MOST_REWRITTEN:
            log.warning("the database is too large to be rewritten after an erasure: stop Relay and VACUUM it by hand")
            return
        job.lease_until = clock.now() + REWRITING
        session.commit()
        _run(engine, "VACUUM")
        job.payload = {"rewritten": True}
        jobs.keep(session, job)
    _empty_log(engine)


def _size(session: Session) -> int:
    pages, bytes_each = (session.scalar(text(f"PRAGMA {name}")) or 0 for name in ("page_count", "page_size"))
    return int(pages * bytes_each)


def _when_to_rewrite(session: Session) -> datetime:
    now = clock.now()
    if _size(session) <= REWRITTEN_AT_ONCE:
        return now
    tonight = datetime.combine(now.astimezone(clock.JAPAN).date(), NIGHT, clock.JAPAN)
    return tonight if now < tonight else tonight + timedelta(days=1)


def _scrub_postgresql(engine: Engine) -> None:
    """Dead rows go, and with them the samples of names and addresses that the planner's statistics keep.

    By itself PostgreSQL does both only after a fifth of a table has changed.
    """
    models = scopes.models_by_table()
    erased = [name for name, model in models.items() if any(rule.act != "keep" for rule in model.__erasure__)]  # type: ignore[attr-defined]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in sorted({*erased, Import.__tablename__}):
            connection.execute(text(f"VACUUM (ANALYZE, INDEX_CLEANUP ON) {name}"))
            lanes.move_on()


def _empty_log(engine: Engine) -> None:
    """Empty SQLite's write-ahead log. FTS5 kept deleted tokens until its parts were merged."""
    busy, *_pages = _run(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        raise StillRead


def _run(engine: Engine, statement: str) -> Any:
    """Run a statement outside every transaction; returns its first row."""
    connection = engine.raw_connection()
    try:
        return connection.cursor().execute(statement).fetchone()
    finally:
        connection.close()


JOBS = (
    JobKind(ERASE_JOB, erase_as_planned, Queue.DUTIES),
    JobKind("retention", retain, Queue.DUTIES),
    JobKind("scrub", scrub, Queue.DUTIES),
    JobKind("rewrite", rewrite, Queue.DUTIES),
)
CONSUMERS = {"scrub": ask_for_scrub}
