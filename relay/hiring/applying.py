"""Beginning an application that no file brings: typed by HR, or made by the person's own yes."""

from datetime import date

from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.models import Application, ApplicationResult, Candidate, EventTag, Position, record
from relay.text import clean


def begin(
    session: Session, candidate: Candidate, position: Position | None, *, channel: str, applied_on: date | None
) -> Application:
    """Add an open application; while it runs there is no day on which the person leaves (A-24)."""
    now = clock.now()
    application = Application(
        candidate_id=candidate.id,
        position_id=position.id if position else None,
        channel=clean(channel),
        status=ApplicationResult.OPEN,
        applied_on=applied_on,
        created_at=now,
        updated_at=now,
    )
    session.add(application)
    candidate.retain_until, candidate.updated_at = None, now
    session.flush()
    about = ("application", application.id)
    record(session, EventTag.APPLICATION_ADDED, company_id=candidate.company_id, subject=about)
    search_rows.index(session, [candidate.id])
    return application
