"""The house's own chores: what runs out is swept every hour, erased words leave the search index within the hour.

The daily erasure itself (`retention`) belongs to relay.rights; here it is only put on the list, once a Japanese day.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import throttle
from relay.mail import jobs
from relay.models import Event, Import, ImportState, Job, JobState, PendingRegistration, Table, UserSession, scopes

SCRUB_EVERY = timedelta(minutes=10)
DAY = timedelta(days=1)
JOBS_KEPT = timedelta(days=30)


def schedule(session: Session, now: datetime) -> None:
    """Queue what is to be done today and this hour; any number of workers queue it once."""
    day = now.astimezone(clock.JAPAN).date()
    jobs.enqueue(session, "retention", key=f"retention:{day:%Y-%m-%d}")
    jobs.enqueue(session, "sweep", key=f"sweep:{now:%Y-%m-%dT%H}")


def sweep(session: Session, _job: Job) -> None:
    """Remove what has run out: unconfirmed registrations, files never applied, ended sessions, old counts and jobs."""
    now = clock.now()
    session.execute(delete(PendingRegistration).where(PendingRegistration.expires_at <= now))
    session.execute(delete(UserSession).where(UserSession.expires_at <= now))
    throttle.sweep(session)
    with scopes.everyone(session, "worker: files that were previewed and never applied, of any company"):
        session.execute(
            update(Import)
            .where(Import.state == ImportState.PREVIEWED, Import.created_at <= now - DAY)
            .values(state=ImportState.DISCARDED, content=None)
        )
    session.execute(delete(Job).where(Job.state == JobState.DONE, Job.finished_at <= now - JOBS_KEPT))


@jobs.consumer("scrub")
def want_scrub(session: Session, _event: Event) -> None:
    """After an erasure: clear the index and the files soon, once for all erasures of the same ten minutes."""
    now = clock.now()
    due = now - (now - clock.EPOCH) % SCRUB_EVERY + SCRUB_EVERY
    jobs.enqueue(session, "scrub", key=f"scrub:{due:%Y-%m-%dT%H:%M}", due_at=due)


def scrub(session: Session, _job: Job) -> None:
    """Take erased words out of what the databases keep behind deleted rows (invariant 9).

    FTS5 holds deleted tokens until `optimize`, and SQLite's log holds old pages until it is emptied;
    PostgreSQL holds dead rows until VACUUM.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    if sqlite:
        session.execute(text("INSERT INTO candidate_fts(candidate_fts) VALUES ('optimize')"))
    session.commit()
    engine = session.get_bind().engine
    if not sqlite:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in _personal_tables():
                connection.execute(text(f"VACUUM {table}"))
        return
    raw = engine.raw_connection()
    try:
        busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        raw.close()
    if busy:
        raise ScrubHindered


class ScrubHindered(Exception):
    """A long reader kept SQLite's log from being emptied; the job is tried again in a minute."""


def _personal_tables() -> list[str]:
    return sorted(
        str(mapper.local_table.name)
        for mapper in Table.registry.mappers
        if getattr(mapper.class_, "__personal__", ())
    )


jobs.register("sweep", sweep)
jobs.register("scrub", scrub)
