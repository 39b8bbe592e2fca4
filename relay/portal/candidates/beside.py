"""Facts beside a record that most people have none of: one statement tells which of them are there.

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


class KnownBeside(NamedTuple):
    """The kinds of facts, each with whether one person has any."""

    held: bool
    asked_about: bool
    requested: bool
    openings: bool
    related: bool
    outcomes: bool
    rescouts: bool


def known(session: Session, candidate_id: int) -> KnownBeside:
    """Return the kinds there are, in the company's scope."""
    return _beside().first(session, person=candidate_id) or KnownBeside(*[False] * len(KnownBeside._fields))


@cache  # tricks: record
def _beside() -> Prepared[KnownBeside]:
    return Prepared(_statement(), lambda *there: KnownBeside(*map(bool, there)))


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
