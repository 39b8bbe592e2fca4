"""The selection of one person as it went: interviews, results, scores and what was said."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import ApplicationStep


def steps_of(session: Session, candidate_id: int) -> Sequence[ApplicationStep]:
    """The steps of all the person's applications, newest application first, each in its own order."""
    mine = select(ApplicationStep).where(ApplicationStep.candidate_id == candidate_id)
    order = (ApplicationStep.application_id.desc(), ApplicationStep.place, ApplicationStep.id)
    return session.scalars(mine.order_by(*order)).all()
