"""A company changes for how long it keeps its candidates: whom that moves, said before; and the moving, in chunks.

Only a shorter term moves people who have their day already, and brings nobody's nearer than 60 days. Until the job has
come to a person their old day holds, which is the later one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.retention import after_decision
from relay.hiring import unfinished
from relay.indexing import rule_checks
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.models import Application, Candidate, Job, RetentionBasis, scopes
from relay.models.locking import lock_company
from relay.trust import terms
from relay.trust.terms import NOTICE, Months, RetentionTerms

CHUNK_SIZE = 500
KIND = "retention-terms"
_MOVABLE = tuple(basis for basis in RetentionBasis if basis is not RetentionBasis.CONSENTED)


@dataclass(frozen=True)
class TermEffect:
    """How many people a change moves to an earlier day, and how many of them to the nearest that may be."""

    moved: int = 0
    soon: int = 0


@scopes.in_company
def effect(session: Session, company_id: int, months: Months) -> TermEffect:
    """Count whom these months would move if they were set now. Raises TermRefused."""
    terms.refuse_beyond_bounds(months)
    after = terms.of_company(session, company_id).with_change(months)
    decided = _decided().subquery()
    columns = (decided.c.basis, decided.c.retain_until, decided.c.decided_on)
    moved = soon = 0
    for basis, standing, decided_on, people in session.execute(select(*columns, func.count()).group_by(*columns)):
        day = _shortened(after, basis, standing, decided_on)
        if day is not None:
            moved += people
            soon += people if day == clock.today() + NOTICE else 0
    return TermEffect(moved, soon)


@scopes.in_company
def change(session: Session, company_id: int, months: Months, *, by_user_id: int | None) -> None:
    """Set the months and leave the moving to the worker. Raises TermRefused."""
    lock_company(session, company_id)
    before = terms.of_company(session, company_id)
    after = terms.set_months(session, company_id, months, by_user_id=by_user_id)
    if after != before:
        jobs.enqueue(session, KIND, key=f"{KIND}:{company_id}:{len(after.rows)}", company_id=company_id)


def move(session: Session, job: Job) -> None:
    """Bring the days of a company's people forward to what its terms allow, 500 people a transaction."""
    company_id, after = scopes.required(job.company_id), 0
    with scopes.company(session, company_id):
        while ids := _next(session, after):
            _move(session, company_id, ids)
            after = ids[-1]
            jobs.go_on(session, job)


def _next(session: Session, after: int) -> Sequence[int]:
    mine = select(Candidate.id).where(*_dated(), Candidate.id > after)
    return session.scalars(mine.order_by(Candidate.id).limit(CHUNK_SIZE)).all()


def _move(session: Session, company_id: int, ids: Sequence[int]) -> None:
    """Move these people, held until the transaction ends, by what holds of them then."""
    held = select(Candidate).where(Candidate.id.in_(ids)).order_by(Candidate.id).with_for_update()
    people = {person.id: person for person in session.scalars(held.execution_options(populate_existing=True))}
    in_force = terms.of_company(session, company_id)
    moved = list(_days(session, in_force, list(people)))
    for candidate_id, day in moved:
        people[candidate_id].retain_until = day
    rule_checks.enqueue(session, company_id, [candidate_id for candidate_id, _day in moved])
    session.flush()


def _days(session: Session, in_force: RetentionTerms, ids: Sequence[int]) -> Iterator[tuple[int, date]]:
    for candidate_id, basis, standing, decided_on in session.execute(_decided(Application.candidate_id.in_(ids))):
        day = _shortened(in_force, basis, standing, decided_on)
        if day is not None:
            yield candidate_id, day


def _decided(*which: ColumnElement[bool]) -> Select[int, RetentionBasis, date | None, date | None]:
    """Select those who have a day: id, basis, that day, and the day of their last decision; `which` of applications."""
    last = func.max(Application.decided_on).label("decided_on")
    of = select(Application.candidate_id, last).where(Application.decided_on.is_not(None), *which)
    decisions = of.group_by(Application.candidate_id).subquery()
    return (
        select(Candidate.id, Candidate.basis, Candidate.retain_until, decisions.c.decided_on)
        .join(decisions, decisions.c.candidate_id == Candidate.id)
        .where(*_dated())
    )


def _dated() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on who is moved: in a selection without a result the day is at most 30 days away anyhow."""
    return Candidate.retain_until.is_not(None), Candidate.basis.in_(_MOVABLE), ~unfinished.runs()


def _shortened(
    after: RetentionTerms, basis: RetentionBasis, standing: date | None, decided_on: date | None
) -> date | None:
    """Return the earlier day the person gets; None where the present one holds."""
    assert standing
    assert decided_on
    day = max(after_decision(after, basis, decided_on), clock.today() + NOTICE)
    return day if day < standing else None


JOBS = (JobKind(KIND, move),)
