"""Rows that an address names, within the scope the guard entered; else 404."""

from flask import abort
from sqlalchemy import bindparam, select

from relay.extensions import db
from relay.models import Application, Candidate, Position

_CANDIDATE = select(Candidate).where(Candidate.id == bindparam("named"))
_APPLICATION = select(Application).where(Application.id == bindparam("named"))
_POSITION = select(Position).where(Position.id == bindparam("named"))


def candidate_or_404(candidate_id: int) -> Candidate:
    """Return the candidate, if the signed-in person's company has them; else 404."""
    return db.session.scalars(_CANDIDATE, {"named": candidate_id}).one_or_none() or abort(404)


def application_or_404(application_id: int) -> Application:
    """Return the application, if the signed-in person's company has it; else 404."""
    return db.session.scalars(_APPLICATION, {"named": application_id}).one_or_none() or abort(404)


def position_or_404(position_id: int) -> Position:
    """Return the position, if the signed-in person's company has it; else 404."""
    return db.session.scalars(_POSITION, {"named": position_id}).one_or_none() or abort(404)
