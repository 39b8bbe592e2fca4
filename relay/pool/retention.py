"""How long a person is kept, reckoned from decisions (A-24): the one place that knows the months.

The law names no number; these are Relay's own, and "for ever" is not among them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Application, Basis, Candidate, Status

MONTHS = {Basis.SELECTION: 6, Basis.STATED: 6, Basis.CONSENTED: 12}
GRACE = timedelta(days=30)
"""How long someone past their date is still kept, for HR to confirm (A-4)."""

STRENGTH = (Basis.SELECTION, Basis.STATED, Basis.CONSENTED)
"""The bases from the narrowest to the widest."""

_CHUNK = 500


def after_decision(basis: Basis, decided_on: date) -> date:
    """Give the last day a person is kept after one decision, by calendar months (A-24, F-20)."""
    return decided_on + relativedelta(months=MONTHS[basis])


def open_ended(statuses: Iterable[Status]) -> bool:
    """Whether a selection still runs, so that no date is set."""
    return any(status is Status.OPEN for status in statuses)


def last_day(basis: Basis, applications: Sequence[tuple[Status, date | None]]) -> date | None:
    """Give the last day a person is kept by all their applications; None while one is open, or where none is."""
    if open_ended(status for status, _decided in applications):
        return None
    return max((after_decision(basis, decided) for _status, decided in applications if decided), default=None)


def reckon(session: Session, candidate_ids: Iterable[int]) -> None:
    """Set the last day of these people anew, after a decision was made or taken back. Needs the company's scope."""
    session.flush()
    wanted = sorted(set(candidate_ids))
    for start in range(0, len(wanted), _CHUNK):
        _reckon_chunk(session, wanted[start : start + _CHUNK])


def _reckon_chunk(session: Session, ids: Sequence[int]) -> None:
    ends: dict[int, list[tuple[Status, date | None]]] = {}
    rows = select(Application.candidate_id, Application.status, Application.decided_on)
    for candidate_id, status, decided_on in session.execute(rows.where(Application.candidate_id.in_(ids))):
        ends.setdefault(candidate_id, []).append((status, decided_on))
    for candidate in session.scalars(select(Candidate).where(Candidate.id.in_(ids))):
        candidate.retain_until = last_day(candidate.basis, ends.get(candidate.id, []))
    session.flush()
