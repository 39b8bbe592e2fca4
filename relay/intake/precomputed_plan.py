"""A plan drawn before the transaction that carries it out, where one writer holds up all others (SQLite).

Every act writes its event: where one was written meanwhile that concerns the company's people, the plan is drawn again.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.extensions import begin_reading, begin_writing
from relay.intake.answers import Answers
from relay.intake.plan import Plan, draw
from relay.intake.result import Reading
from relay.models import Event, EventTag, scopes

_CHANGES_NOBODY = (
    EventTag.SIGNED_IN,
    EventTag.SIGN_IN_REFUSED,
    EventTag.SIGNED_OUT,
    EventTag.CANDIDATE_VIEWED,
    EventTag.POOL_SEARCHED,
    EventTag.IMPORT_PREVIEWED,
    EventTag.ACT_REFUSED,
)


@dataclass(frozen=True)
class PrecomputedPlan:
    """A plan, and the last event that had been written when it was drawn."""

    plan: Plan
    last_event: int


def precompute_plan(session: Session, company_id: int, reading: Reading, answers: Answers) -> PrecomputedPlan | None:
    """Draw the plan while others go on writing; no transaction may be open. None where nobody would have to wait."""
    if session.get_bind().dialect.name != "sqlite":
        return None
    begin_reading()
    try:
        with scopes.company(session, company_id):
            before = last_event(session)
            return PrecomputedPlan(draw(session, reading, answers), before)
    finally:
        session.rollback()
        begin_writing()


def last_event(session: Session) -> int:
    """Return the number of the last event that was written."""
    return session.scalar(select(func.max(Event.id))) or 0


def nothing_since(session: Session, company_id: int, event: int) -> bool:
    """Return whether nothing happened since that could concern the company's people."""
    harmless = Event.tag.in_([tag.value for tag in _CHANGES_NOBODY])
    since = select(Event.id).where(Event.id > event, Event.company_id == company_id, ~harmless)
    return session.scalars(since.limit(1)).first() is None
