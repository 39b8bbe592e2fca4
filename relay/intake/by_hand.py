"""Somebody entered by hand: a new person, or one more application of a person who is known already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Application, Basis, Candidate, EventTag, Status, record
from relay.pool import facts, notes, search, tags
from relay.pool.facts import Facts
from relay.pool.retention import STRENGTH
from relay.selection.positions import find_or_make
from relay.text import Sentence, clean

MOST_ALIKE = 5
_SAME = {
    "email_key": _l("メールアドレスが同じ"),
    "phone_key": _l("電話番号が同じ"),
    "name_key": _l("氏名が同じ"),
}


@dataclass(frozen=True)
class Arrival:
    """How somebody came: why they may be kept, for which position, through which channel, on which day."""

    basis: Basis
    position: str = ""
    channel: str = ""
    applied_on: date | None = None


@dataclass(frozen=True)
class Alike:
    """Somebody in the company's records who may be the same person, and what the two have in common."""

    candidate: Candidate
    reasons: Sequence[Sentence]


def find_alike(session: Session, typed: Facts) -> list[Alike]:
    """Who has the same address, number or name already; those with most in common first."""
    keys = typed.columns
    same = {name: getattr(Candidate, name) == keys[name] for name in _SAME if keys[name]}
    if not same:
        return []
    shared: Any = sum(case((condition, 1), else_=0) for condition in same.values())
    wanted = select(Candidate).where(or_(*same.values())).order_by(shared.desc(), Candidate.id.desc())
    return [
        Alike(candidate, [_SAME[name] for name in same if getattr(candidate, name) == keys[name]])
        for candidate in session.scalars(wanted.limit(MOST_ALIKE))
    ]


def add(session: Session, typed: Facts, arrival: Arrival) -> Candidate:
    """Put a new person into the records of the company whose scope this is, with the application they came by."""
    now = clock.now()
    candidate = Candidate(**typed.columns, basis=arrival.basis, created_at=now, updated_at=now)
    session.add(candidate)
    session.flush()
    record(session, EventTag.CANDIDATE_ADDED, company_id=candidate.company_id, subject=("candidate", candidate.id))
    _apply(session, candidate, arrival)
    search.index(session, [candidate.id])
    return candidate


def apply_again(session: Session, candidate: Candidate, typed: Facts, arrival: Arrival) -> list[str]:
    """Note another application of somebody known; what was not known yet is filled in, nothing is overwritten.

    The wider of the two bases holds. Returns the names of the facts that were filled in.
    """
    known = facts.of(candidate)
    missing = {name: getattr(typed, name) for name in ("kana", "email", "phone") if not getattr(known, name)}
    filled = facts.change(session, candidate, replace(known, **missing))
    _widen(session, candidate, arrival.basis)
    _apply(session, candidate, arrival)
    search.index(session, [candidate.id])
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


def _apply(session: Session, candidate: Candidate, arrival: Arrival) -> None:
    """An open application; while it runs there is no day on which the person leaves (A-24)."""
    position = find_or_make(session, arrival.position)
    now = clock.now()
    application = Application(
        candidate_id=candidate.id,
        position_id=position.id if position else None,
        channel=clean(arrival.channel),
        status=Status.OPEN,
        applied_on=arrival.applied_on,
        created_at=now,
        updated_at=now,
    )
    session.add(application)
    candidate.retain_until, candidate.updated_at = None, now
    session.flush()
    record(
        session,
        EventTag.APPLICATION_ADDED,
        company_id=candidate.company_id,
        subject=("application", application.id),
    )


def _widen(session: Session, candidate: Candidate, basis: Basis) -> None:
    if STRENGTH.index(basis) <= STRENGTH.index(candidate.basis):
        return
    candidate.basis = basis
    record(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data={"fields": ["basis"]},
    )
