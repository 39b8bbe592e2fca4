"""Selections without a result: who is in one that is not carried on leaves as if it had ended at its last step (A-24).

While a selection goes on its people have no last day. The worker gives one, 30 days ahead, to those of whom nothing
was recorded for the months of their basis less these 30 days. Home and 次回の消去 name them from then on, and a step or
a result takes the day away again.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, func, literal, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.retention import after_decision, last_known
from relay.indexing import rule_checks
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    InterviewInvitation,
    OpeningsConsent,
    Slot,
)
from relay.models.retention import UNFINISHED
from relay.trust import terms
from relay.trust.terms import NOTICE, RetentionTerms

WARNING = timedelta(days=UNFINISHED.number)
"""How long HR is told before someone leaves whose selection has no result."""
_UNTOUCHED = NOTICE - WARNING
"""For how long a shorter term does not count yet: with the warning, the days within which it erases nobody."""
CHUNK_SIZE = 500
OPEN = Application.status == literal(ApplicationResult.OPEN, literal_execute=True)
"""The condition, on a query of applications, that there is no result."""


def runs() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that one of their selections has no result."""
    return exists().where(
        Application.company_id == Candidate.company_id, Application.candidate_id == Candidate.id, OPEN
    )


def people(session: Session, *, after: int = 0) -> Sequence[int]:
    """Return the people of the company in scope who are in a selection, at most CHUNK_SIZE behind one of them."""
    running = select(Application.candidate_id).where(OPEN, Application.candidate_id > after).distinct()
    return session.scalars(running.order_by(Application.candidate_id).limit(CHUNK_SIZE)).all()


def date_people(session: Session, company_id: int, ids: Sequence[int]) -> None:
    """Give those of them the day that is due, or take away one that is not, by what holds once they are held.

    A result that was recorded meanwhile has set their day. Idempotent: a day stays until something is recorded.
    """
    in_force = terms.in_scope(session).until(clock.today() - _UNTOUCHED)
    if not (wrong := list(dict(_days(session, in_force, ids)))):
        return
    held = select(Candidate).where(Candidate.id.in_(wrong)).order_by(Candidate.id).with_for_update()
    found = {person.id: person for person in session.scalars(held.execution_options(populate_existing=True))}
    for candidate_id, day in _days(session, in_force, list(found)):
        found[candidate_id].retain_until = day
    rule_checks.enqueue(session, company_id, list(found))
    session.flush()


def take_days_away(session: Session, candidate_ids: Collection[int]) -> None:
    """Take the last day from those of them who are in a selection: where one is due, the 30 days begin again."""
    theirs = (Candidate.id.in_(candidate_ids), Candidate.retain_until.is_not(None))
    session.execute(update(Candidate).where(*theirs, runs()).values(retain_until=None))


def dated(session: Session, candidate_ids: Collection[int]) -> set[int]:
    """Return those of them who have a last day and are in a selection nevertheless."""
    theirs = (Candidate.id.in_(candidate_ids), Candidate.retain_until.is_not(None))
    return set(session.scalars(select(Candidate.id).where(*theirs, runs())))


def _days(session: Session, in_force: RetentionTerms, ids: Sequence[int]) -> Iterator[tuple[int, date | None]]:
    """Yield whose day is to change, and to what; one that lies beyond the warning is a consent's and stays."""
    soonest, known = clock.today() + WARNING, _known(session, ids)
    running = select(Candidate.id, Candidate.basis, Candidate.retain_until).where(Candidate.id.in_(ids), runs())
    for candidate_id, basis, standing in session.execute(running.order_by(Candidate.id)):
        is_due = after_decision(in_force, basis, known[candidate_id]) <= soonest
        if standing is None and is_due:
            yield candidate_id, soonest
        elif standing is not None and standing <= soonest and not is_due:
            yield candidate_id, None


def _known(session: Session, ids: Sequence[int]) -> dict[int, date]:
    """Return the last day on which something is known of each: a result, a step, an interview, a consent."""
    stepped = select(func.max(ApplicationStep.on)).where(
        ApplicationStep.company_id == Application.company_id, ApplicationStep.application_id == Application.id
    )
    columns = (Application.decided_on, stepped.scalar_subquery(), Application.applied_on, Application.created_at)
    found: dict[int, date] = {}
    theirs = select(Application.candidate_id, *columns).where(Application.candidate_id.in_(ids))
    for candidate_id, decided_on, stepped_on, applied_on, entered_at in session.execute(theirs):
        day = last_known(decided_on, stepped_on, applied_on, entered_at)
        found[candidate_id] = max(day, found.get(candidate_id, day))
    agreed = select(OpeningsConsent.candidate_id, OpeningsConsent.given_at).where(
        OpeningsConsent.candidate_id.in_(found), OpeningsConsent.ended_at.is_(None)
    )
    met = (
        select(InterviewInvitation.candidate_id, Slot.starts_at)
        .join(Slot, Slot.id == InterviewInvitation.slot_id)
        .where(InterviewInvitation.candidate_id.in_(found))
    )
    for moments in (agreed, met):
        for candidate_id, moment in session.execute(moments):
            found[candidate_id] = max(moment.astimezone(clock.JAPAN).date(), found[candidate_id])
    return found
