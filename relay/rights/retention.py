"""Everyone leaves on their date: whom the next runs erase, and the run itself (A-24, A-25, A-44).

A date on a page is a promise; the worker keeps it every day. A selection that still runs keeps a person, and so does
a hold (A-28).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    EventTag,
    ListedApplication,
    RetentionBasis,
    event_data,
    record,
    scopes,
)
from relay.network import profiles
from relay.rights.erasure import erase_candidates, erase_ended_profiles

CHUNK_SIZE = 500
"""How many people one run erases per company, so that no other writer waits long."""


@dataclass(frozen=True)
class Leaving:
    """Someone whose last day comes near."""

    candidate_id: int
    name: str
    basis: RetentionBasis
    last_day: date


@dataclass(frozen=True)
class NextRun:
    """The people who leave in the coming days: how many in all, and the first of them."""

    count: int
    people: Sequence[Leaving]


@dataclass(frozen=True)
class Left:
    """How many left one company in a run, and how many are still to leave it."""

    company_id: int
    count: int
    remaining: int = 0


def next_run(session: Session, *, days: int = 30, limit: int = 20) -> NextRun:
    """Give the people of the company in scope who leave within `days`, soonest first."""
    until = clock.today() + timedelta(days=days)
    leaving = _leaving(until)
    dated = select(func.count(Candidate.id)).where(*_dated(until))
    # whoever has a date and runs nevertheless is in an index of their own: nobody's applications are looked at
    running = select(func.count(ListedApplication.candidate_id.distinct())).where(
        ListedApplication.status == literal(ApplicationResult.OPEN, literal_execute=True),
        ListedApplication.retain_until.is_not(None),
        ListedApplication.retain_until <= until,
    )
    # few are held, so that side is asked: whoever runs was taken off already
    open_ones = select(ListedApplication.candidate_id).where(
        ListedApplication.status == literal(ApplicationResult.OPEN, literal_execute=True),
        ListedApplication.retain_until.is_not(None),
    )
    held = select(func.count(Candidate.id)).where(*_dated(until), holds.is_held(), Candidate.id.not_in(open_ones))
    counted = session.execute(select(dated.scalar_subquery(), running.scalar_subquery(), held.scalar_subquery())).one()
    rows = select(Candidate.id, Candidate.name, Candidate.basis, Candidate.retain_until)
    soonest = rows.where(*leaving).order_by(Candidate.retain_until, Candidate.id).limit(limit)
    people = [
        Leaving(candidate_id, name, basis, last)
        for candidate_id, name, basis, last in session.execute(soonest)
        if last is not None
    ]
    return NextRun(counted[0] - counted[1] - counted[2], people)


def run(session: Session, *, dry_run: bool = False) -> list[Left]:
    """Erase everyone whose last day has passed, in every company; with `dry_run` only count them.

    Idempotent: a person who is gone is not found again. At most AT_ONCE of a company leave at a time; `remaining` says
    how many are left for the next call.
    """
    past = clock.today() - timedelta(days=1)
    with scopes.everyone(session, "retention: which companies have people past their date"):
        counts = select(Candidate.company_id, func.count()).where(*_leaving(past)).group_by(Candidate.company_id)
        due = [(company_id, count) for company_id, count in session.execute(counts.order_by(Candidate.company_id))]
    if dry_run:
        return [Left(company_id, count) for company_id, count in due]
    return [_leave(session, company_id, past, count) for company_id, count in due]


def run_profiles(session: Session, *, after: int = 0) -> list[int]:
    """Erase registered people whose last consent ended 30 days ago; returns whom, at most AT_ONCE.

    Call it with `after` the last of them until none is left, each in a transaction of its own.
    """
    ids = list(profiles.ended(session, after=after, limit=CHUNK_SIZE))
    if ids:
        erase_ended_profiles(session, ids)
    return ids


def _leave(session: Session, company_id: int, past: date, due: int) -> Left:
    with scopes.company(session, company_id):
        first = (
            select(Candidate.id).where(*_leaving(past)).order_by(Candidate.retain_until, Candidate.id).limit(CHUNK_SIZE)
        )
        ids = list(session.scalars(first))
        count = erase_candidates(session, company_id, ids, cause="retention")
        record(session, EventTag.RETENTION_RAN, company_id=company_id, data=event_data.Counted(count=count))
    return Left(company_id, count, due - count)


def _leaving(until: date) -> list[ColumnElement[Any]]:
    running = exists().where(
        Application.company_id == Candidate.company_id,
        Application.candidate_id == Candidate.id,
        Application.status == ApplicationResult.OPEN,
    )
    return [*_dated(until), ~running, ~holds.is_held()]


def _dated(until: date) -> list[ColumnElement[bool]]:
    return [Candidate.retain_until.is_not(None), Candidate.retain_until <= until]
