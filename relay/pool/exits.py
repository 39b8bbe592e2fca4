"""What HR keeps a rejected candidate for (出口). Never a gate for the relay link (blueprint, section 1)."""

from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, EventTag, Exit, record


def set_exit(session: Session, candidate: Candidate, exit_: Exit | None) -> bool:
    """Note what the person is kept for, or that it is open again; returns whether that changed anything."""
    if candidate.exit is exit_:
        return False
    candidate.exit, candidate.updated_at = exit_, clock.now()
    record(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data={"exit": exit_.value if exit_ else ""},
    )
    return True
