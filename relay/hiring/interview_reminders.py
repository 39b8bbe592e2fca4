"""Interviews by the calendar: the reminder of the day before, and the end of those whose selection has ended.

Hourly. A reminder leaves by day; one who picked the time on that very day gets none. A selection
that ended calls the interview off once the person knows: before, the calendar would tell them the result.
"""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interview_letters, interviews
from relay.hiring.appointments import Appointment
from relay.hiring.interview_letters import InterviewNews
from relay.hiring.interviews import CalledOffBy
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.models import Application, ApplicationResult, Company, InterviewInvitation, Job, Slot, scopes

KIND = "interviews"
CHUNK_SIZE = 200
MORNING = time(9)
"""The hour in Japan from which reminders leave."""


def remind(session: Session, company_id: int) -> int:
    """Queue the reminders of tomorrow's interviews that were picked before today; returns how many interviews."""
    with scopes.company(session, company_id):
        tomorrow = clock.today() + timedelta(days=1)
        due = _booked(
            Slot.starts_at >= clock.start_of_day(tomorrow),
            Slot.starts_at <= clock.end_of_day(tomorrow),
            InterviewInvitation.reminded_at.is_(None),
            InterviewInvitation.booked_at < clock.start_of_day(clock.today()),
            Application.status == ApplicationResult.OPEN,
        )
        found = session.execute(due.with_for_update(of=InterviewInvitation)).all()
        leaves = max(clock.now(), datetime.combine(clock.today(), MORNING, tzinfo=clock.JAPAN).astimezone(UTC))
        for invitation, slot in found:
            invitation.reminded_at = clock.now()
            appointment = Appointment.of(slot)
            interview_letters.tell(session, invitation, appointment, InterviewNews.REMINDER, due_at=leaves)
        session.flush()
        return len(found)


def end(session: Session, company_id: int) -> int:
    """Call off what is still to come of selections that have ended, where the person knows; returns how many.

    People who are hired are met nevertheless.
    """
    with scopes.company(session, company_id):
        known = Application.notified_at.is_not(None) | (Application.status != ApplicationResult.REJECTED)
        ended = Application.status.in_([ApplicationResult.REJECTED, ApplicationResult.WITHDREW])
        over = session.execute(_booked(Slot.starts_at > clock.now(), ended, known)).all()
        for invitation, _slot in over:
            interviews.call_off(session, invitation.id, CalledOffBy.RESULT, offer_others=False)
        return len(over)


def _booked(*which: ColumnElement[bool]) -> Select[InterviewInvitation, Slot]:
    booked = select(InterviewInvitation, Slot).join(Slot, Slot.id == InterviewInvitation.slot_id)
    booked = booked.join(Application, Application.id == InterviewInvitation.application_id)
    return booked.where(*which).order_by(Slot.starts_at, InterviewInvitation.id).limit(CHUNK_SIZE)


def _run(session: Session, job: Job) -> None:
    live = session.scalars(select(Company.id).where(Company.live_since.is_not(None)).order_by(Company.id)).all()
    for company_id in live:
        while remind(session, company_id) + end(session, company_id) >= CHUNK_SIZE:
            jobs.go_on(session, job)
        jobs.go_on(session, job)


JOBS = (JobKind(KIND, _run, Queue.DUTIES),)
