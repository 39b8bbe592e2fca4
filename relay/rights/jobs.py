"""The worker's part of deletion: the daily retention run, and scrubbing what a database file still holds afterwards."""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relay.mail import jobs
from relay.models import Event, Job, JobState
from relay.rights import retention


class StillRead(RuntimeError):
    """Someone was reading while the log was to be emptied; the job comes back."""


def retain(session: Session, job: Job) -> None:
    """Erase everyone whose last day has passed; each part is a transaction of its own, so no writer waits long."""
    while any(left.remaining for left in retention.run(session)):
        session.commit()
    session.commit()


@jobs.consumer("scrub")
def ask_for_scrub(session: Session, event: Event) -> None:
    """After an erasure the index is to be scrubbed; one waiting job serves several erasures."""
    waiting = select(Job.id).where(Job.kind == "scrub", Job.state == JobState.QUEUED)
    if session.scalars(waiting.limit(1)).first() is None:
        jobs.enqueue(session, "scrub", key=f"scrub:{event.id}")


def scrub(session: Session, _job: Job | None = None) -> None:
    """Take erased words out of SQLite's search index and its write-ahead log; PostgreSQL vacuums by itself.

    FTS5 keeps deleted tokens in its file until its parts are merged (stack, section 8). Raises StillRead when a
    reader holds the log open.
    """
    bind: Any = session.get_bind()
    if bind.dialect.name != "sqlite":
        return
    session.execute(text("INSERT INTO candidate_fts(candidate_fts) VALUES ('optimize')"))
    session.commit()
    connection = bind.engine.raw_connection()
    try:
        busy, *_pages = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if busy:
        raise StillRead


jobs.register("retention", retain)
jobs.register("scrub", scrub)
