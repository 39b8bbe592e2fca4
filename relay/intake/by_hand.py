"""Entering a person by hand: a new one, or one more application of a person who is known already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import facts, notes, tags
from relay.candidates.duplicates.matches import matches
from relay.candidates.duplicates.reasons import Reason
from relay.candidates.facts import Facts, Values
from relay.candidates.retention import STRENGTH
from relay.hiring import applying
from relay.hiring.positions import find_or_make
from relay.models import Candidate, EventTag, RetentionBasis, event_data, record
from relay.models.candidate_fields import columns_of

MAX_ALIKE = 5
_CONTACTS = {"email_key": Reason.MAIL, "phone_key": Reason.PHONE}


@dataclass(frozen=True)
class CandidateOrigin:
    """Where a typed candidate comes from: retention basis, position, channel, day."""

    basis: RetentionBasis
    position: str = ""
    channel: str = ""
    applied_on: date | None = None


@dataclass(frozen=True)
class Alike:
    """A person in the company's records who may be the same, and what the two have in common."""

    candidate: Candidate
    reasons: Sequence[Reason]


def find_alike(session: Session, company_id: int, typed: Values) -> list[Alike]:
    """Return who may be the same person, the likeliest first; then those with the same address or number.

    An equal address under another name may be a family's, so it is shown and left to HR.
    """
    known_by = Facts.among(typed)
    found = {each.candidate_id: each.match_score.reasons for each in matches(session, company_id, known_by)}
    keys = known_by.columns
    same = [getattr(Candidate, name) == keys[name] for name in _CONTACTS if keys[name]]
    wanted = (
        select(Candidate)
        .where(or_(Candidate.id.in_(found), *same))
        .order_by(case((Candidate.id.in_(found), 0), else_=1), Candidate.id.desc())
    )
    people = {each.id: each for each in session.scalars(wanted.limit(MAX_ALIKE + len(found)))}
    others = {
        one: tuple(reason for name, reason in _CONTACTS.items() if keys[name] and getattr(person, name) == keys[name])
        for one, person in people.items()
        if one not in found
    }
    alike = [Alike(people[one], reasons) for one, reasons in (found | others).items() if one in people]
    return alike[:MAX_ALIKE]


def add(session: Session, typed: Values, arrival: CandidateOrigin) -> Candidate:
    """Put a new person into the records of the company whose scope this is, with the application they came by."""
    now = clock.now()
    candidate = Candidate(**columns_of(typed), basis=arrival.basis, created_at=now, updated_at=now)
    session.add(candidate)
    session.flush()
    record(session, EventTag.CANDIDATE_ADDED, company_id=candidate.company_id, subject=("candidate", candidate.id))
    _apply(session, candidate, arrival)
    return candidate


def apply_again(session: Session, candidate: Candidate, typed: Values, arrival: CandidateOrigin) -> list[str]:
    """Note another application of a known person; what was not known yet is filled in, nothing is overwritten.

    The wider of the two bases holds. Returns the names of the facts that were filled in.
    """
    missing = {name: value for name, value in typed.items() if not getattr(candidate, name)}
    filled = facts.change(session, candidate, missing)
    _widen(session, candidate, arrival.basis)
    _apply(session, candidate, arrival)
    return filled


def annotate(
    session: Session, candidate: Candidate, note: str, tag_names: Sequence[str], *, by_user_id: int | None
) -> None:
    """Add a memo and tags, both checked for words the law keeps out already (A-22)."""
    if note.strip():
        notes.add_note(session, candidate, note, by_user_id=by_user_id, confirmed=True)
    for name in tag_names:
        tag = tags.find_or_make(session, name, confirmed=True)
        tags.add_tag(session, tag, [candidate.id], by_user_id=by_user_id)


def _apply(session: Session, candidate: Candidate, arrival: CandidateOrigin) -> None:
    position = find_or_make(session, arrival.position)
    applying.begin(session, candidate, position, channel=arrival.channel, applied_on=arrival.applied_on)


def _widen(session: Session, candidate: Candidate, basis: RetentionBasis) -> None:
    if STRENGTH.index(basis) <= STRENGTH.index(candidate.basis):
        return
    candidate.basis = basis
    record(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data=event_data.CandidateChanged(fields=("basis",)),
    )
