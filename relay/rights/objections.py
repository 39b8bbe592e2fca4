"""A person's own word that the selection record may not order them (A-42): a column of the person, no more.

So it goes with the person, moves with a merge, and no file touches it. It holds for every record of the company with
the same address, also for one that comes later (relay.insight.selection_record).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, EventTag, record, scopes


@scopes.in_company
def of_token(session: Session, company_id: int, candidate_id: int | None) -> Candidate | None:
    """Return the person whose mail brought a link; after a merge the link belongs to the record that stayed."""
    return session.scalars(select(Candidate).where(Candidate.id == candidate_id)).one_or_none()


@scopes.in_company
def object_to_record(session: Session, company_id: int, candidate_id: int) -> None:
    """Keep the word, at once and for good; twice changes nothing."""
    held = select(Candidate).where(Candidate.id == candidate_id).with_for_update()
    candidate = session.scalars(held.execution_options(populate_existing=True)).one()
    if candidate.record_objected_at is None:
        candidate.record_objected_at = clock.now()
        session.flush()
        record(session, EventTag.RECORD_OBJECTED, company_id=company_id, subject=("candidate", candidate_id))
