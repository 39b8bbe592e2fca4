"""Rows that an address names, within the scope the guard entered; else 404."""

from flask import abort
from sqlalchemy import select

from relay.extensions import db
from relay.models import Application, Candidate, Position


def candidate_or_404(candidate_id: int) -> Candidate:
    """Return the candidate, if the signed-in person's company has them; else 404."""
    candidate = db.session.scalars(select(Candidate).where(Candidate.id == candidate_id)).one_or_none()
    return candidate or abort(404)


def application_or_404(application_id: int) -> Application:
    """Return the application, if the signed-in person's company has it; else 404."""
    application = db.session.scalars(select(Application).where(Application.id == application_id)).one_or_none()
    return application or abort(404)


def position_or_404(position_id: int) -> Position:
    """Return the position, if the signed-in person's company has it; else 404."""
    position = db.session.scalars(select(Position).where(Position.id == position_id)).one_or_none()
    return position or abort(404)
