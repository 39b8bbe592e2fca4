"""The last day of an interview that was promised to an introduced person (面談確約, B-26), for its page and its mails.

The room of introductions is above this one and ends the promise; here is only read until when it lasts.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Introduction, IntroductionRequest, IntroductionState


def until(session: Session, application_id: int) -> date | None:
    """Return the day until which an application has an interview promised; None where none is."""
    theirs = (
        select(IntroductionRequest.due_on)
        .join(Introduction, Introduction.request_id == IntroductionRequest.id)
        .where(Introduction.application_id == application_id, IntroductionRequest.state == IntroductionState.ACCEPTED)
    )
    return session.scalars(theirs.order_by(IntroductionRequest.due_on.desc()).limit(1)).one_or_none()
