"""The worker's part of acts on very many people: in portions, each committed, so that no other writer waits long."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.mail import jobs
from relay.mail.jobs import JobKind, Queue
from relay.models import BulkAct, Candidate, Job, JournalEntry, scopes
from relay.pool import acts, search
from relay.pool.acts import bulk, deeds, undo
from relay.pool.acts.undo import CannotUndo, ChangedSince
from relay.pool.rules import book, checks

_ABOVE_ALL = 2**62


def do_in_portions(session: Session, job: Job) -> None:
    """One act on many, from where it stands to its end."""
    assert job.company_id is not None
    with scopes.company(session, job.company_id):
        act = session.scalars(select(BulkAct).where(BulkAct.id == job.payload["act_id"])).one_or_none()
        if act is None or act.finished_at is not None:
            return
        for _below_id in bulk.portions(session, act):
            jobs.go_on(session, job)


def take_back(session: Session, job: Job) -> None:
    """One act taken back as a whole; why it could not be is kept with the act, as ids. Then the search words follow."""
    assert job.company_id is not None
    company_id, entry_id = job.company_id, job.payload["entry_id"]
    with scopes.company(session, company_id):
        entry = session.scalars(select(JournalEntry).where(JournalEntry.id == entry_id)).one_or_none()
        if entry is None:
            return
        try:
            if entry.undone_at is None:
                undo.undo(session, company_id, entry_id, by_user_id=job.payload["by_user_id"], index=False)
                jobs.go_on(session, job)
        except CannotUndo:
            return
        except ChangedSince:
            acts.note_refusal(session, company_id, entry)
            return
        for _count in undo.index_in_portions(session, entry):
            jobs.go_on(session, job)


def find_by_new_name(session: Session, job: Job) -> None:
    """The search words of everybody who carries a tag that has another name now."""
    assert job.company_id is not None
    below_id = _ABOVE_ALL
    with scopes.company(session, job.company_id):
        while people := deeds.carriers(session, job.payload["tag_id"], below_id, bulk.PORTION):
            search.index(session, people)
            below_id = people[-1]
            jobs.go_on(session, job)


def find_by_new_words(session: Session, job: Job) -> None:
    """The search words of everybody in the company, where a newer Relay knows more of them; goes on where it stood."""
    assert job.company_id is not None
    newest_first = select(Candidate.id).order_by(Candidate.id.desc()).limit(bulk.PORTION)
    with scopes.company(session, job.company_id):
        while people := session.scalars(
            newest_first.where(Candidate.id < job.payload.get("below_id", _ABOVE_ALL))
        ).all():
            search.index(session, people)
            job.payload = {"below_id": people[-1]}
            jobs.go_on(session, job)


def apply_rules(session: Session, job: Job) -> None:
    """Every rule at work looks at whoever changed."""
    assert job.company_id is not None
    with scopes.company(session, job.company_id):
        for _count in book.look(session, job.company_id):
            jobs.go_on(session, job)


def schedule_rules(session: Session) -> None:
    """Queue the rules of each company in which somebody changed; the same people are queued once."""
    with scopes.everyone(session, "worker: in which companies somebody waits for the rules"):
        waiting = checks.waiting(session)
    for company_id, newest in waiting:
        jobs.enqueue(session, "rules", key=f"rules:{company_id}:{newest}", company_id=company_id)


JOBS = (
    JobKind("bulk", do_in_portions, Queue.ACTS),
    JobKind("undo", take_back, Queue.ACTS),
    JobKind("rules", apply_rules),
    JobKind("tag-words", find_by_new_name),
    JobKind("search-words", find_by_new_words),
)
