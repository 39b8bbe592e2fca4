"""What may be known beside a record and mostly is not: one statement says which of it there is to ask for.

Seven statements that find nothing took a fifth of the page.
"""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from relay.candidates import holds
from relay.models import Candidate
from relay.models.prepared import Prepared
from relay.network import next_openings, outcome_consents, related_consents
from relay.outreach import rescout_lists
from relay.rights import request_register


class Beside(NamedTuple):
    """Which of it there is about one person."""

    held: bool
    asked_about: bool
    requested: bool
    openings: bool
    related: bool
    outcomes: bool
    rescouts: bool


def known(session: Session, candidate_id: int) -> Beside:
    """Return what there is, in the company's scope."""
    return _beside().first(session, person=candidate_id) or Beside(*[False] * len(Beside._fields))


@cache  # tricks: record
def _beside() -> Prepared[Beside]:
    return Prepared(_statement(), lambda *there: Beside(*map(bool, there)))


def _statement() -> Select[*tuple[Any, ...]]:
    return select(
        holds.is_held(),
        request_register.is_asked_about(),
        request_register.is_open(),
        next_openings.is_given(),
        related_consents.is_given(),
        outcome_consents.is_given(),
        rescout_lists.is_known(),
    ).where(Candidate.id == bindparam("person"))
