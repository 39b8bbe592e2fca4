"""How a request ends, each way by its rule, and what was set aside for it ends with it exactly once (invariant 2).

Declined, lapsed, cancelled, partner closed: the credit is free again. After a yes it is spent; it comes back where the
interview was not held through no fault of the company, and stays spent where it was the company's. A company's word
on whose fault it was counts for nothing against what the log says.
Each verb holds the company first, so that of a yes, a lapse and a cancellation one wins.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import interview_letters, interviews, progress
from relay.hiring.interview_letters import BookingNotes
from relay.hiring.interviews import CalledOffBy
from relay.hiring.progress import Progress, ProgressEntry
from relay.introductions import letters
from relay.introductions.letters import SUBJECT, AskedNews, RequestNews
from relay.introductions.standing import RequestOver, held, identity, introducing
from relay.models import (
    Application,
    ApplicationResult,
    DeclineReason,
    EventTag,
    InterviewInvitation,
    Introduction,
    IntroductionLink,
    IntroductionRequest,
    IntroductionState,
    JournalEntry,
    LinkEnd,
    RequestEnd,
    Slot,
    event_data,
    record,
    scopes,
)
from relay.models.introductions import MAX_ADVICE, MET, WAITING
from relay.models.labels import Labelled
from relay.models.locking import lock_company
from relay.network import credits
from relay.text import clean

MAX_REASON = 200


class Fault(Labelled):
    """Those through whose fault an interview was not held; the company's alone keeps the credit spent."""

    COMPANY = "company", _l("自社の都合")
    PERSON = "person", _l("ご本人の都合")
    NOBODY = "nobody", _l("やむを得ない事情")


_RESULTS = {
    ApplicationResult.OPEN: IntroductionState.HELD,
    ApplicationResult.HIRED: IntroductionState.HIRED,
    ApplicationResult.REJECTED: IntroductionState.NOT_HIRED,
    ApplicationResult.WITHDREW: IntroductionState.NOT_HIRED,
}
"""The state of a request whose interview was held, by the result of its application."""
_FAILED = {
    Fault.COMPANY: RequestEnd.COMPANY_FAULT,
    Fault.PERSON: RequestEnd.PERSON_FAULT,
    Fault.NOBODY: RequestEnd.NO_FAULT,
}
_BY = {
    CalledOffBy.PERSON: Fault.PERSON,
    CalledOffBy.COMPANY: Fault.COMPANY,
    CalledOffBy.RESULT: Fault.COMPANY,
}
"""Whose fault it is that nobody met, by who called the interview off last (`relay.hiring.interviews`).

A selection that ended because the person withdrew is no fault of the company; the person is asked whether it was so.
"""


class InterviewToCome(DomainError):
    """Raise where an interview would be recorded as held whose time has not come."""

    code = "introduction-interview-to-come"
    message = _l(
        "この面談は、まだ始まる時刻になっていません。何も記録していません。行わないことになったときは、"
        "「面談がなかった」を記録してください。"
    )


class PersonNotMissing(DomainError):
    """Raise where the person's fault would be recorded before the time at which they are awaited."""

    code = "introduction-person-awaited"
    message = _l(
        "「ご本人の都合」は、面談の時刻が過ぎてから記録できます。何も記録していません。ご本人は、始まる時刻まで、"
        "ご案内のメールのリンクから面談を取り消せます。辞退の連絡を受けたときは、候補者の記録に「辞退」を記録してください。"
    )


class HiredWithoutInterview(DomainError):
    """Raise where an interview would be recorded as not held whose person is recorded as hired."""

    code = "introduction-hired"
    message = _l(
        "この方は、採用が記録されています。「面談がなかった」は記録していません。採用の記録が誤りのときは、"
        "先に取り消してください。"
    )


class AdviceTooLong(DomainError):
    """Raise where a partner's one line is longer than one line."""

    code = "introduction-advice-too-long"
    message = _l("ひとことは、%(max)s文字までで入力してください。まだ何も送っていません。", max=MAX_ADVICE)


def decline(
    session: Session,
    company_id: int,
    request_id: int,
    *,
    partner_id: int,
    reason: DeclineReason,
    advice: str = "",
) -> None:
    """Let the partner decline a request that is its turn, with a reason and one line about the posting.

    Raises RequestOver, AdviceTooLong.
    """
    line = clean(advice)
    if len(line) > MAX_ADVICE:
        raise AdviceTooLong
    lock_company(session, company_id)
    request = held(session, company_id, request_id, partner_id=partner_id)
    if request.state not in WAITING:
        raise RequestOver
    release(session, request, IntroductionState.DECLINED, RequestEnd.DECLINED, declined_for=reason, advice=line)
    letters.tell_company(session, request, RequestNews.DECLINED)


def cancel(session: Session, company_id: int, request_id: int) -> None:
    """Let the company take a request back that nobody said yes to; its link opens nothing from now on.

    Raises RequestOver.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    if request.state not in WAITING:
        raise RequestOver
    release(session, request, IntroductionState.CANCELLED, RequestEnd.CANCELLED)
    letters.ask_partner(session, request, AskedNews.ENDED)


def lapse(session: Session, company_id: int, request_id: int) -> bool:
    """End a waiting request whose day is over; return whether it was. Done twice it changes nothing."""
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    if request.state not in WAITING or request.due_on is None or request.due_on >= clock.today():
        return False
    silent = RequestEnd.PARTNER_SILENT if request.state is IntroductionState.OPEN else RequestEnd.PERSON_SILENT
    release(session, request, IntroductionState.LAPSED, silent)
    letters.tell_company(session, request, RequestNews.LAPSED)
    letters.ask_partner(session, request, AskedNews.ENDED)
    return True


def close_for_partner(session: Session, company_id: int, request_id: int) -> bool:
    """End a waiting request whose partner may introduce no more, or not as who it was when it made the link (A-43).

    Return whether it was ended.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    standing = introducing(session, company_id, request.partner_id, since=request.made_at)
    is_same = standing is not None and _made_by(session, request) in (None, identity(standing))
    if request.state not in WAITING or is_same:
        return False
    release(session, request, IntroductionState.LAPSED, RequestEnd.PARTNER_CLOSED)
    letters.tell_company(session, request, RequestNews.PARTNER_CLOSED)
    return True


def interview_held(session: Session, company_id: int, request_id: int) -> None:
    """Record that the interview was held; a stand-in of the company is as good.

    Raises RequestOver, InterviewToCome.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    if request.state is not IntroductionState.ACCEPTED:
        raise RequestOver
    starts_at = booked(session, request)
    if starts_at is not None and starts_at > clock.now():
        raise InterviewToCome
    _hold(session, request)


def interview_failed(session: Session, company_id: int, request_id: int, *, by: Fault) -> Fault:
    """Record that the interview was not held and through whose fault; one still to come is called off.

    The company's fault leaves the credit spent, any other restores it. Where no time is picked because the company
    called it off, or ended the selection, it is the company's whatever it says; that a person did not come can be said
    once they were awaited. The person is told that the promise is over. Returns the fault that counts.
    Raises RequestOver, HiredWithoutInterview, PersonNotMissing.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    if request.state is not IntroductionState.ACCEPTED:
        raise RequestOver
    if _is_hired(session, request):
        raise HiredWithoutInterview
    starts_at = booked(session, request)
    if starts_at is None and _called_off_by(session, request) is Fault.COMPANY:
        by = Fault.COMPANY
    to_come = starts_at is not None and starts_at > clock.now()
    if to_come and by is Fault.PERSON:
        raise PersonNotMissing
    invitation_id = _introduction(session, request).invitation_id or 0
    with scopes.company(session, company_id):
        if to_come:
            notes = BookingNotes(person=(_("これで、この面談の約束は終わりました。ご応募は取り消しになりません。"),))
            interviews.call_off(session, invitation_id, CalledOffBy.COMPANY, offer_others=False, notes=notes)
        else:
            interviews.close(session, invitation_id)
            _tell_person(session, request)
    fail(session, request, _FAILED[by])
    return by


def fail_unmet(session: Session, company_id: int, request_id: int) -> bool:
    """End an accepted request whose days are over and for which no interview is booked; return whether it was.

    The fault is theirs who called it off last; of nobody where nobody did. A person who was hired was met.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    over = request.due_on is not None and request.due_on < clock.today()
    if request.state is not IntroductionState.ACCEPTED or not over or booked(session, request) is not None:
        return False
    if _is_hired(session, request):
        _hold(session, request)
        return True
    fail(session, request, _FAILED[_called_off_by(session, request)])
    _tell_person(session, request)
    letters.tell_company(session, request, RequestNews.NOT_MET)
    return True


def forget_people(session: Session, company_id: int, candidate_ids: Collection[int], *, own_wish: bool) -> None:
    """Settle the requests of people who are about to be erased, in the company's scope.

    An interview whose time has come counts as held, as does one of a person who was hired. One still to come is off:
    the credit comes back, but not where the company itself wishes the erasure (`own_wish`; neither the person nor the
    calendar does), nor where it had called the interview off.
    """
    waiting = (
        select(IntroductionRequest.id)
        .join(Introduction, Introduction.request_id == IntroductionRequest.id)
        .where(Introduction.candidate_id.in_(candidate_ids), IntroductionRequest.state == IntroductionState.ACCEPTED)
        .order_by(IntroductionRequest.id)
    )
    found = session.scalars(waiting).all()
    if not found:
        return
    lock_company(session, company_id)
    for request_id in found:
        request = held(session, company_id, request_id)
        if request.state is not IntroductionState.ACCEPTED:
            continue
        starts_at = booked(session, request)
        if _is_hired(session, request) or (starts_at is not None and starts_at <= clock.now()):
            _hold(session, request)
        elif own_wish or (starts_at is None and _called_off_by(session, request) is Fault.COMPANY):
            fail(session, request, RequestEnd.COMPANY_FAULT)
        else:
            fail(session, request, RequestEnd.ERASED)


def hire(
    session: Session, company_id: int, request_id: int, *, seen: str, by_user_id: int | None
) -> JournalEntry | None:
    """Record as of today that the person whose interview was held was hired; the request follows at once.

    `seen` is the version of the application that was looked at. Returns the entry by which it is taken back, None where
    it was recorded before. Raises RequestOver, and what `progress.enter` raises.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    if request.state not in MET:
        raise RequestOver
    application_id = _introduction(session, request).application_id
    if application_id is None:
        raise RequestOver
    with scopes.company(session, company_id):
        entry = ProgressEntry(Progress.HIRED, clock.today())
        made = progress.enter(session, application_id, entry, seen=seen, by_user_id=by_user_id)
    follow_result(session, company_id, request_id)
    return made


def follow_result(session: Session, company_id: int, request_id: int) -> bool:
    """Let a held interview follow the result of its application: hired, or not; return whether it did.

    A result that is taken back is followed, too. Done twice it changes nothing.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    with scopes.company(session, company_id):
        theirs = (
            select(Application.status)
            .join(Introduction, Introduction.application_id == Application.id)
            .where(Introduction.request_id == request_id)
        )
        status = session.scalars(theirs).one_or_none()
    if status is None or request.state not in MET or request.state is _RESULTS[status]:
        return False
    request.state = _RESULTS[status]
    note(session, EventTag.INTRODUCTION_RESULT, request, event_data.IntroductionEnded(cause=request.state.value))
    session.flush()
    return True


def lags(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an interview was held, and its request does not say what its application says.

    `which`: of these applications only.
    """
    others = {status: [each for each in MET if each is not state] for status, state in _RESULTS.items()}
    behind = or_(*((Application.status == each) & IntroductionRequest.state.in_(others[each]) for each in others))
    said = exists().where(
        Introduction.company_id == IntroductionRequest.company_id,
        Introduction.request_id == IntroductionRequest.id,
        Application.id == Introduction.application_id,
        behind,
        *which,
    )
    return IntroductionRequest.state.in_(MET) & said.correlate(IntroductionRequest)


def release(
    session: Session, request: IntroductionRequest, state: IntroductionState, why: RequestEnd, **said: Any
) -> None:
    """End a request whose credit was set aside: it is free again, and the link opens nothing any more.

    `said` are the columns of what the partner answered.
    """
    credits.release(session, request.company_id, request.reservation_id, ledger_reason(request, str(why.label)))
    request.state, request.end_reason = state, why
    for name, value in said.items():
        setattr(request, name, value)
    _end(session, request)
    close_links(session, request, LinkEnd.REQUEST_ENDED)
    note(session, EventTag.INTRODUCTION_ENDED, request, event_data.IntroductionEnded(cause=why.value))


def fail(session: Session, request: IntroductionRequest, why: RequestEnd) -> None:
    """End an accepted request without an interview: a spent credit comes back unless it is the company's fault."""
    if request.spent_id is not None and why is not RequestEnd.COMPANY_FAULT:
        restored = credits.restore(
            session, request.company_id, request.spent_id, ledger_reason(request, str(why.label))
        )
        request.restored_id = restored.id
    request.state, request.end_reason = IntroductionState.FAILED, why
    _end(session, request)
    note(session, EventTag.INTRODUCTION_ENDED, request, event_data.IntroductionEnded(cause=why.value))


def close_links(session: Session, request: IntroductionRequest, how: LinkEnd) -> int:
    """Close the link of a request that is live; returns how many there were, one or none."""
    with scopes.company(session, request.company_id):
        live = select(IntroductionLink).where(
            IntroductionLink.request_id == request.id, IntroductionLink.closed_at.is_(None)
        )
        found = session.scalars(live).all()
        for link in found:
            link.closed_at, link.closed_as = clock.now(), how
        session.flush()
    return len(found)


def _made_by(session: Session, request: IntroductionRequest) -> str | None:
    """Return the legal identity under which the live link of a request was made; None where there is no link."""
    with scopes.company(session, request.company_id):
        live = select(IntroductionLink.legal_identity).where(
            IntroductionLink.request_id == request.id, IntroductionLink.closed_at.is_(None)
        )
        return session.scalars(live).one_or_none()


def booked(session: Session, request: IntroductionRequest) -> datetime | None:
    """Return when the interview of an accepted request begins; None while no time is picked."""
    with scopes.company(session, request.company_id):
        return session.scalars(
            select(Slot.starts_at)
            .join(InterviewInvitation, InterviewInvitation.slot_id == Slot.id)
            .join(Introduction, Introduction.invitation_id == InterviewInvitation.id)
            .where(Introduction.request_id == request.id)
        ).one_or_none()


def note(
    session: Session,
    tag: EventTag,
    request: IntroductionRequest,
    data: event_data.EventData | None = None,
) -> None:
    """Write an act about a request into the log; of a person it says nothing."""
    record(
        session,
        tag,
        company_id=request.company_id,
        partner_id=request.partner_id,
        subject=(SUBJECT, request.id),
        data=data,
    )


def ledger_reason(request: IntroductionRequest, why: str = "") -> str:
    """Return what a line of the ledger says of a request: its number and position, and why it is written."""
    said = _("紹介の依頼%(no)s（%(title)s）", no=request.id, title=request.title)
    return (f"{said}：{why}" if why else said)[:MAX_REASON]


def _tell_person(session: Session, request: IntroductionRequest) -> None:
    """Tell the person that the promise is over; one whose selection ended was told that the interview is off."""
    if _result(session, request) is ApplicationResult.OPEN:
        with scopes.company(session, request.company_id):
            invitation = interviews.held(session, _introduction(session, request).invitation_id or 0)
            interview_letters.tell_of_promise_over(session, invitation)


def _hold(session: Session, request: IntroductionRequest) -> None:
    request.state = IntroductionState.HELD
    _end(session, request)
    note(session, EventTag.INTRODUCTION_HELD, request)


def _end(session: Session, request: IntroductionRequest) -> None:
    request.due_on, request.ended_at = None, clock.now()
    session.flush()


def _introduction(session: Session, request: IntroductionRequest) -> Introduction:
    with scopes.company(session, request.company_id):
        return session.scalars(select(Introduction).where(Introduction.request_id == request.id)).one()


def _is_hired(session: Session, request: IntroductionRequest) -> bool:
    return _result(session, request) is ApplicationResult.HIRED


def _result(session: Session, request: IntroductionRequest) -> ApplicationResult | None:
    with scopes.company(session, request.company_id):
        status = (
            select(Application.status)
            .join(Introduction, Introduction.application_id == Application.id)
            .where(Introduction.request_id == request.id)
        )
        return session.scalars(status).one_or_none()


def _called_off_by(session: Session, request: IntroductionRequest) -> Fault:
    application_id = _introduction(session, request).application_id
    by = interviews.last_called_off_by(session, request.company_id, application_id) if application_id else None
    if by is CalledOffBy.RESULT and _result(session, request) is ApplicationResult.WITHDREW:
        return Fault.PERSON
    return _BY[by] if by is not None else Fault.NOBODY
