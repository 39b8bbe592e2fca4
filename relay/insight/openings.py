"""The open positions that fit people who are about to be turned down for another, with why: first, in nobody's way.

By the first layer alone: the selection that is ending orders nobody (A-42). Who is kept for a selection alone, or
stopped mails, is compared with no other position (A-4, C-5).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from relay.candidates.contact import STOPPABLE
from relay.indexing import own_words
from relay.infra.keyed_hash import address_hash
from relay.insight import reasons, scoring
from relay.insight.fits import IN_POOL, text_of
from relay.insight.wanted import PositionText, Wanted, wanted
from relay.mail import optouts
from relay.models import Application, Candidate, CandidateSearch, FollowUp, Position, PositionState

SHOWN = 3
_LOOKED_AT = 40
"""How many open positions are compared, the newest."""


@dataclass(frozen=True)
class FittingOpening:
    """An open position that fits a person, and why."""

    position_id: int
    title: str
    why: str


_NEWEST_OPEN = (
    select(Position).where(Position.state == PositionState.OPEN).order_by(Position.id.desc()).limit(_LOOKED_AT)
)


def for_people(session: Session, company_id: int, candidate_ids: Iterable[int]) -> dict[int, list[FittingOpening]]:
    """Return for each of these people whom other positions fit the first of them, in the company's scope."""
    terms = _terms(session, company_id, list(candidate_ids))
    if not terms:
        return {}
    own, applied = own_words.in_scope(session), _applied(session, list(terms))
    looks_for = partial(wanted, own=own) if own.meanings else _wanted
    openings = [(each, looks_for(text_of(each))) for each in session.scalars(_NEWEST_OPEN)]
    found = {
        number: chosen
        for number, theirs in terms.items()
        if (chosen := _chosen(openings, theirs, applied.get(number, frozenset())))
    }
    if not found:
        return {}
    why = reasons.sentences(session, {number: [each for _at, each in chosen] for number, chosen in found.items()}, own)
    return {
        number: [
            FittingOpening(position.id, position.title, sentence)
            for (position, _wanted), sentence in zip(chosen, why[number], strict=True)
        ]
        for number, chosen in found.items()
    }


@lru_cache(maxsize=512)  # tricks: portal.application_progress
def _wanted(asked: PositionText) -> Wanted:
    """Return what a position asks for where its company has no words of its own: the same as long as the text is."""
    return wanted(asked)


def _chosen(
    openings: Sequence[tuple[Position, Wanted]], terms: frozenset[str], applied: frozenset[int]
) -> list[tuple[Position, Wanted]]:
    """Return the openings of the person's occupation or a kindred one, best first."""
    rated = [
        (scoring.alone(looked_for, terms), position.id, place)
        for place, (position, looked_for) in enumerate(openings)
        if position.id not in applied and not (looked_for.roles | looked_for.classes).isdisjoint(terms)
    ]
    return [openings[place] for _points, _id, place in sorted(rated, reverse=True)[:SHOWN]]


_TERMS = (
    select(Candidate.id, Candidate.email, CandidateSearch.terms)
    .join(CandidateSearch, CandidateSearch.candidate_id == Candidate.id)
    .where(
        Candidate.id.in_(bindparam("people", expanding=True)),
        Candidate.basis.in_(IN_POOL),
        Candidate.contact_stopped_at.is_(None),
        or_(Candidate.follow_up.is_(None), Candidate.follow_up != FollowUp.RELAY),
    )
)
_APPLIED = select(Application.candidate_id, Application.position_id).where(
    Application.candidate_id.in_(bindparam("people", expanding=True))
)


def _terms(session: Session, company_id: int, candidate_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Return the terms of those who may be told of an opening."""
    stopped = optouts.stopped_hashes(session, company_id, STOPPABLE)
    return {
        number: frozenset((terms or "").split())
        for number, email, terms in session.execute(_TERMS, {"people": list(candidate_ids)})
        if not email or address_hash(email) not in stopped
    }


def _applied(session: Session, candidate_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for number, position_id in session.execute(_APPLIED, {"people": list(candidate_ids)}):
        found.setdefault(number, set()).update([position_id] if position_id is not None else [])
    return {number: frozenset(positions) for number, positions in found.items()}
