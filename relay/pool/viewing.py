"""Who opened whose record: one line in the log per person and viewer, not one per click."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Event, EventTag, acting, record

AGAIN_AFTER = timedelta(minutes=10)


def note_view(session: Session, company_id: int, candidate_id: int) -> bool:
    """Log that whoever acts opened this record; the same viewer within ten minutes counts as the same opening."""
    viewer = acting(session)
    just_now = select(Event.id).where(
        Event.company_id == company_id,
        Event.subject_kind == "candidate",
        Event.subject_id == candidate_id,
        Event.tag == EventTag.CANDIDATE_VIEWED.value,
        Event.actor_kind == viewer.kind,
        Event.actor_id == viewer.id,
        Event.at > clock.now() - AGAIN_AFTER,
    )
    if session.scalars(just_now.limit(1)).first() is not None:
        return False
    record(session, EventTag.CANDIDATE_VIEWED, company_id=company_id, subject=("candidate", candidate_id))
    return True
