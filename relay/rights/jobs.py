"""The worker's part of deletion: the daily retention run, and scrubbing what a database file still holds afterwards."""

from datetime import datetime, time, timedelta

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs, lanes
from relay.infra.jobs import JobKind, Queue
from relay.models import Event, Import, Job, JobState, Profile, scopes
from relay.models.locking import lock_profile
from relay.network.own_pages import ERASE_JOB
from relay.rights import erasure, retention

WRITTEN_AT_ONCE = 200 * 1024**2
"""Bytes of an SQLite file that is written anew in a few seconds; a larger one waits for the night."""
NIGHT = (time(3), time(5))
"""The hours, in Japan, in which nobody minds that writers wait."""


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
    waiting = select(Job.id).where(Job.kind == "scrub", Job.state == JobState.QUEUED, Job.due_at <= clock.now())
    if session.scalars(waiting.limit(1)).first() is None:
        jobs.enqueue(session, "scrub", key=f"scrub:{event.id}")


def scrub(session: Session, _job: Job | None = None) -> None:
    """Take out what a database still holds of erased rows; safe to do at any time.

    Raises StillRead when a reader holds SQLite's log open.
    """
    engine: Engine = session.get_bind().engine
    if engine.dialect.name == "postgresql":
        session.commit()
        _scrub_postgresql(engine)
    else:
        for words in ("candidate_fts", "partner_people_fts"):
            session.execute(text(f"INSERT INTO {words}({words}) VALUES ('optimize')"))  # noqa: S608
        rewrites = _may_rewrite_now(session)
        if not rewrites:
            night = _next_night()
            jobs.enqueue(session, "scrub", key=f"scrub:{night:%Y-%m-%d}", due_at=night)
        session.commit()
        _scrub_sqlite(engine, rewrites=rewrites)


def _may_rewrite_now(session: Session) -> bool:
    pages, size = (session.scalar(text(f"PRAGMA {name}")) or 0 for name in ("page_count", "page_size"))
    return pages * size <= WRITTEN_AT_ONCE or NIGHT[0] <= clock.now().astimezone(clock.JAPAN).time() < NIGHT[1]


def _next_night() -> datetime:
    local = clock.now().astimezone(clock.JAPAN)
    tonight = datetime.combine(local.date(), NIGHT[0], clock.JAPAN)
    return tonight if local < tonight else tonight + timedelta(days=1)


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


def _scrub_sqlite(engine: Engine, *, rewrites: bool) -> None:
    """Empty the write-ahead log, after rewriting the file where it may.

    FTS5 kept deleted tokens until its parts were merged. SQLite overwrites deleted rows (secure_delete), but a page
    that was split keeps copies of the rows that moved to another one in its unused part, and those outlive the
    deletion; only VACUUM leaves them behind. Writers wait meanwhile.
    """
    connection = engine.raw_connection()
    try:
        if rewrites:
            connection.cursor().execute("VACUUM")
        busy, *_pages = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if busy:
        raise StillRead


JOBS = (
    JobKind(ERASE_JOB, erase_as_planned, Queue.DUTIES),
    JobKind("retention", retain, Queue.DUTIES),
    JobKind("scrub", scrub, Queue.DUTIES),
)
CONSUMERS = {"scrub": ask_for_scrub}
