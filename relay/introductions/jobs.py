"""Requests by the calendar, hourly: what lapses gives its credit back by itself, and whose turn it is gets a reminder.

Each act is a transaction of its own, takes the company first and looks again, so doing it twice changes nothing.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.infra.jobs import Consumer, JobKind, Queue
from relay.introductions import endings, letters
from relay.introductions.letters import AskedNews, RequestNews
from relay.introductions.standing import held, identity_column, may_introduce
from relay.mail.sending_hours import working_day
from relay.models import (
    Application,
    Event,
    InterviewInvitation,
    Introduction,
    IntroductionLink,
    IntroductionRequest,
    IntroductionState,
    Job,
    Partner,
    Partnership,
    Slot,
    scopes,
)
from relay.models.introductions import WAITING
from relay.models.locking import lock_company

KIND = "introductions"
CHUNK_SIZE = 200
DUE = "worker: requests that end, lag or are reminded of by the calendar, of any company"
REMIND_AFTER_DAYS = 7
"""A company that does not say whether an interview was held is asked again so often."""

Act = Callable[[Session, int, int], bool]


def lapse_due(session: Session, job: Job | None = None) -> None:
    """End what nobody answered in time, what no partner may go on with, and what came to no interview."""
    over = IntroductionRequest.due_on < clock.today()
    for act, which in (
        (endings.close_for_partner, _may_not_introduce()),
        (endings.lapse, IntroductionRequest.state.in_(WAITING) & over),
        (endings.fail_unmet, (IntroductionRequest.state == IntroductionState.ACCEPTED) & over & ~_picked()),
    ):
        _each(session, job, act, which)


def remind(session: Session, job: Job | None = None) -> None:
    """Remind a partner of a request on the working day before its last, and HR of an interview to be recorded."""
    soon = IntroductionRequest.due_on <= working_day(clock.today(), 1)
    asked = (IntroductionRequest.state == IntroductionState.OPEN) & soon & IntroductionRequest.reminded_on.is_(None)
    _each(session, job, _remind_partner, asked & (IntroductionRequest.made_at < clock.start_of_day(clock.today())))
    told, today = IntroductionRequest.reminded_on, clock.today()
    asked = told.is_(None) | (told <= today - timedelta(days=REMIND_AFTER_DAYS))
    came = _picked(Slot.starts_at < clock.start_of_day(today))
    accepted = IntroductionRequest.due_on.is_not(None) & (IntroductionRequest.state == IntroductionState.ACCEPTED)
    _each(session, job, _remind_company, accepted & asked & came)


def settle(session: Session, job: Job | None = None) -> None:
    """Let held interviews follow the results of their applications."""
    _each(session, job, endings.follow_result, endings.lags())


def _remind_partner(session: Session, company_id: int, request_id: int) -> bool:
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    if request.state is not IntroductionState.OPEN or request.reminded_on is not None:
        return False
    request.reminded_on = clock.today()
    letters.ask_partner(session, request, AskedNews.REMINDER)
    return True


def _remind_company(session: Session, company_id: int, request_id: int) -> bool:
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    lately = request.reminded_on is not None and (clock.today() - request.reminded_on).days < REMIND_AFTER_DAYS
    if request.state is not IntroductionState.ACCEPTED or lately:
        return False
    request.reminded_on = clock.today()
    letters.tell_company(session, request, RequestNews.RECORD)
    return True


def _each(session: Session, job: Job | None, act: Act, which: ColumnElement[bool]) -> None:
    """Do this to each request that is found, in portions, each in a transaction of its own."""
    for company_id, request_id in _found(session, which):
        act(session, company_id, request_id)
        jobs.go_on(session, job)


def _found(session: Session, which: ColumnElement[bool]) -> Iterator[tuple[int, int]]:
    last = 0
    while True:
        with scopes.everyone(session, DUE):
            wanted = select(IntroductionRequest.company_id, IntroductionRequest.id).where(
                IntroductionRequest.id > last, which
            )
            rows = session.execute(wanted.order_by(IntroductionRequest.id).limit(CHUNK_SIZE)).all()
        yield from ((row.company_id, row.id) for row in rows)
        if len(rows) < CHUNK_SIZE:
            return
        last = rows[-1].id


def _may_not_introduce() -> ColumnElement[bool]:
    """Return the condition that a request waits, and its partner may not introduce to the company now.

    Nor as another legal person than the one that made its live link (A-43).
    """
    other = (
        exists()
        .where(
            IntroductionLink.company_id == IntroductionRequest.company_id,
            IntroductionLink.request_id == IntroductionRequest.id,
            IntroductionLink.closed_at.is_(None),
            Partner.id == IntroductionRequest.partner_id,
            IntroductionLink.legal_identity != identity_column(),
        )
        .correlate(IntroductionRequest)
    )
    standing = (
        exists()
        .where(
            Partnership.company_id == IntroductionRequest.company_id,
            Partnership.partner_id == IntroductionRequest.partner_id,
            Partnership.created_at <= IntroductionRequest.made_at,
            Partner.id == Partnership.partner_id,
            may_introduce(),
        )
        .correlate(IntroductionRequest)
    )
    return IntroductionRequest.due_on.is_not(None) & IntroductionRequest.state.in_(WAITING) & (~standing | other)


def _picked(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a time is picked for the interview; `which`: one of these."""
    return (
        exists()
        .where(
            Introduction.company_id == IntroductionRequest.company_id,
            Introduction.request_id == IntroductionRequest.id,
            InterviewInvitation.id == Introduction.invitation_id,
            Slot.id == InterviewInvitation.slot_id,
            *which,
        )
        .correlate(IntroductionRequest)
    )


def _close_for_partner(session: Session, event: Event) -> None:
    """End what a partner may not go on with, as soon as its partnership ended or it changed."""
    theirs = IntroductionRequest.partner_id == event.partner_id
    _each(session, None, endings.close_for_partner, theirs & _may_not_introduce())


def _settle_hired(session: Session, event: Event) -> None:
    theirs = (Application.company_id == event.company_id, Application.id == event.subject_id)
    _each(session, None, endings.follow_result, endings.lags(*theirs))


def _run(session: Session, job: Job) -> None:
    lapse_due(session, job)
    remind(session, job)
    settle(session, job)


JOBS = (JobKind(KIND, _run, Queue.DUTIES),)
CONSUMERS: dict[str, Consumer] = {
    "introductions-closed": _close_for_partner,
    "introduction-results": _settle_hired,
}
