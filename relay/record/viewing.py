"""The log of opened records: one line per person and viewer, not one per click."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, Event, EventTag, acting, record
from relay.models.prepared import columns_of, read, shown

AGAIN_AFTER = timedelta(minutes=10)


def opened(session: Session, candidate_id: int) -> tuple[Candidate | None, bool]:
    """Return the person to be shown, if the scope knows them, and whether the actor opened the record in the last ten
    minutes.
    """
    viewer = acting(session)
    asked = {"person": candidate_id, "kind": viewer.kind, "viewer": viewer.id, "since": clock.now() - AGAIN_AFTER}
    row = next(iter(read(session, _person_and_last_view(), **asked)), None)
    return (shown(Candidate, row[:-1]), bool(row[-1])) if row is not None else (None, False)


def note_view(session: Session, company_id: int, candidate_id: int) -> None:
    """Log that the actor opened this record; again within ten minutes it counts as the same opening (`opened`)."""
    record(session, EventTag.CANDIDATE_VIEWED, company_id=company_id, subject=("candidate", candidate_id))


@cache  # tricks: record
def _person_and_last_view() -> Select[*tuple[Any, ...]]:
    just_now = select(Event.id).where(
        Event.company_id == Candidate.company_id,
        Event.subject_kind == "candidate",
        Event.subject_id == Candidate.id,
        Event.tag == EventTag.CANDIDATE_VIEWED.value,
        Event.actor_kind == bindparam("kind"),
        Event.actor_id == bindparam("viewer"),
        Event.at > bindparam("since"),
    )
    return select(*columns_of(Candidate), just_now.exists()).where(Candidate.id == bindparam("person"))
