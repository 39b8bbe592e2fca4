"""The worker's part of acts on very many people: in chunks, each committed, so that no other writer waits long."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.bulk import actions, activity, runs, tag_rules, undo
from relay.bulk.undo import CannotUndo, ChangedSince
from relay.extensions import only_reading
from relay.indexing import rule_checks, search_rows
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.models import BulkRun, Candidate, Job, scopes

_ABOVE_ALL = 2**62


def run_in_chunks(session: Session, job: Job) -> None:
    """Run one act on many, from where it is to its end."""
    with scopes.company(session, scopes.required(job.company_id)):
        run = session.scalars(select(BulkRun).where(BulkRun.id == job.payload["run_id"])).one_or_none()
        if run is None or run.finished_at is not None:
            return
        for _below_id in runs.chunks(session, run):
            jobs.go_on(session, job)


def take_back(session: Session, job: Job) -> None:
    """Take one act back, portion by portion from where it is; why it could not be is kept with the act, as ids."""
    company_id, entry_id = scopes.required(job.company_id), job.payload["entry_id"]
    with scopes.company(session, company_id):
        try:
            with only_reading():  # looking at everybody takes seconds, for which nobody has to wait
                undo.check(session, company_id, entry_id, leave_changed=job.payload.get("leave_changed", False))
                session.commit()
            for _people in undo.in_portions(session, company_id, entry_id, by_user_id=job.payload["by_user_id"]):
                jobs.go_on(session, job)
        except CannotUndo:
            session.rollback()
        except ChangedSince as refused:
            session.rollback()
            activity.note_refusal(session, entry_id, refused)


def find_by_new_name(session: Session, job: Job) -> None:
    """Rewrite the search words of everybody who carries a tag that has another name now."""
    _find_anew(session, job, actions.carriers, job.payload["tag_id"])


def find_by_new_title(session: Session, job: Job) -> None:
    """Rewrite the search words of everybody who applied for a position that has another title now."""
    _find_anew(session, job, actions.applicants, job.payload["position_id"])


def _find_anew(session: Session, job: Job, of: Callable[[Session, int, int, int], list[int]], row_id: int) -> None:
    below_id = _ABOVE_ALL
    with scopes.company(session, scopes.required(job.company_id)):
        while people := of(session, row_id, below_id, runs.CHUNK_SIZE):
            search_rows.index(session, people, news=False)
            below_id = people[-1]
            jobs.go_on(session, job)


def find_by_new_words(session: Session, job: Job) -> None:
    """Rewrite everybody's search words in the company, where a newer Relay knows more; goes on where it stopped."""
    newest_first = select(Candidate.id).order_by(Candidate.id.desc()).limit(runs.CHUNK_SIZE)
    with scopes.company(session, scopes.required(job.company_id)):
        while people := session.scalars(
            newest_first.where(Candidate.id < job.payload.get("below_id", _ABOVE_ALL))
        ).all():
            search_rows.index(session, people, news=False)
            job.payload = {"below_id": people[-1]}
            jobs.go_on(session, job)


def apply_rules(session: Session, job: Job) -> None:
    """Let every rule at work look at the changed people."""
    company_id = scopes.required(job.company_id)
    with scopes.company(session, company_id):
        for _count in tag_rules.apply_all(session, company_id):
            jobs.go_on(session, job)


def schedule_rules(session: Session) -> None:
    """Queue the rules of each company in which people changed; the same people are queued once."""
    with scopes.everyone(session, "worker: in which companies somebody waits for the rules"):
        waiting = rule_checks.companies_waiting(session)
    for company_id, newest in waiting:
        jobs.enqueue(session, "rules", key=f"rules:{company_id}:{newest}", company_id=company_id)


JOBS = (
    JobKind("bulk", run_in_chunks, Queue.BULK_ACTIONS),
    JobKind("undo", take_back, Queue.BULK_ACTIONS),
    JobKind("rules", apply_rules),
    JobKind("tag-words", find_by_new_name),
    JobKind("position-words", find_by_new_title),
    JobKind("search-words", find_by_new_words),
)
