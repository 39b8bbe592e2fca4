"""A large file, applied by the worker: the page that waits for it shows how far it is.

It is written as a whole, in one transaction that is as short as can be; the words its people are found by come after it
(relay.intake.writing.found_later).
"""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.errors import DomainError
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.intake.planning.plan import Answers
from relay.intake.uploads import on_disk
from relay.intake.writing.applying import prepare_and_apply
from relay.models import Actor, Import, ImportState, Job, JobState, act_as, acting, scopes

SYNC_LIMIT = 2_000
"""As many rows are applied within the request; more are left to the worker."""
KIND = "import"
_READ, _WRITTEN = 30, 100  # of a hundred


def enqueue(session: Session, row: Import, answers: Answers, *, by_user_id: int | None) -> None:
    """Leave the file to the worker, with the answers given, in the caller's transaction."""
    row.state = ImportState.QUEUED
    payload = {"import_id": row.id, "by_user_id": by_user_id, "answers": asdict(answers)}
    key = f"{key_of(row, KIND)}{clock.now():%Y%m%dT%H%M%S%f}"
    jobs.enqueue(session, KIND, key=key, payload=payload, company_id=row.company_id)


def key_of(row: Import, kind: str) -> str:
    """Return how the keys of the jobs of a kind begin that are about this file."""
    return f"{kind}:{row.id}:"


def job_of(session: Session, row: Import, *, kind: str = KIND) -> Job | None:
    """Return the work that applies this file, or of another kind."""
    mine = select(Job).where(Job.kind == kind, Job.key.startswith(key_of(row, kind), autoescape=True))
    return session.scalars(mine.order_by(Job.id.desc()).limit(1)).one_or_none()


def gave_up(session: Session, row: Import, *, kind: str = KIND) -> bool:
    """Return whether the worker tried for hours and could not do it."""
    job = job_of(session, row, kind=kind)
    return job is None or job.state is JobState.DEAD


def do(session: Session, job: Job) -> None:
    """Apply the file; one that was dropped meanwhile is left alone, one that no longer fits waits for answers again."""
    company_id = scopes.required(job.company_id)
    with scopes.company(session, company_id):
        row = _waiting(session, job)
        if row is None or row.reading_stored_as is None:
            return
        reading = on_disk.open_reading(store.path_of(row.reading_stored_as)).whole()
        job.progress, job.total = _READ, _WRITTEN
        jobs.keep(session, job)
        worker = acting(session)
        act_as(session, Actor("user", job.payload["by_user_id"]))
        try:
            prepare_and_apply(
                session,
                company_id,
                reading,
                Answers.restored(job.payload["answers"]),
                by_user_id=job.payload["by_user_id"],
                import_id=job.payload["import_id"],
                find_import=lambda _id: _waiting(session, job),
            )
        except DomainError:
            session.rollback()
            _waits_again(session, job)
        finally:
            act_as(session, worker)
        job.progress = _WRITTEN


def _waiting(session: Session, job: Job) -> Import | None:
    wanted = select(Import).where(Import.id == job.payload["import_id"], Import.state == ImportState.QUEUED)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _waits_again(session: Session, job: Job) -> None:
    if (row := _waiting(session, job)) is not None:
        row.state = ImportState.PREVIEWED


JOBS = (JobKind(KIND, do, Queue.BULK_ACTIONS),)
