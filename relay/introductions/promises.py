"""The word on a guaranteed interview, held as promised or not: the person's, and within seven days the company's.

A no counts after the seven days, answered or not, where partners decide whether to introduce (B-26). It is asked on the
page of the interview, which the person has from its mails: no mail asks for it (B-25).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.introductions import endings, letters
from relay.introductions.guarantees import Guarantee
from relay.introductions.letters import RequestNews
from relay.introductions.standing import RequestOver, held
from relay.models import (
    Application,
    ApplicationResult,
    EventTag,
    InterviewInvitation,
    Introduction,
    IntroductionRequest,
    RequestEnd,
    Slot,
    event_data,
    moments,
    scopes,
)
from relay.models.introductions import MET
from relay.models.locking import lock_company
from relay.text import clean

ANSWER_WITHIN = timedelta(days=7)
MAX_ANSWER = 500
OF_ALL_PARTNERS = "promises not kept are counted for a partner, whoever introduced"


class PromiseNotAsked(DomainError):
    """Raise where a person would say whether the promise was kept before it is asked."""

    code = "introduction-promise-not-asked"
    message = _l("お答えをうかがうのは、面談の時間が終わってからです。まだ何も伝えていません。")


class PromiseAnswerRefused(DomainError):
    """Raise where a company's word on a no is empty or too long, or comes when none can be given any more."""

    code = "introduction-answer-refused"


@dataclass(frozen=True)
class PromiseQuestion:
    """The question of an introduced person: about which guarantee, whether it is time, and what was answered."""

    request_id: int
    guarantee: Guarantee
    is_due: bool
    kept: bool | None
    answer_by: datetime | None
    """Until when the company can answer a no."""
    company_answer: str


def question(session: Session, invitation_id: int) -> PromiseQuestion | None:
    """Return the question about an interview, in its company's scope; None for one that no partner introduced."""
    return _read(session, Introduction.invitation_id == invitation_id)


def asked_of_candidate(session: Session, company_id: int, request_id: int, *, kept: bool) -> bool:
    """Keep the person's word whether the interview was held as promised; return whether it is news. One word counts.

    Raises RequestOver where nobody said yes to the request, PromiseNotAsked before it is time.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    with scopes.company(session, company_id):
        introduction = _of(session, request_id)
        if introduction.promise_kept is not None:
            return False
        asked = _read(session, Introduction.request_id == request_id)
        if asked is None or not asked.is_due:
            raise PromiseNotAsked
        introduction.promise_kept, introduction.answered_at = kept, clock.now()
        session.flush()
    endings.note(session, EventTag.INTRODUCTION_PROMISE_JUDGED, request, event_data.PromiseJudged(kept=kept))
    if not kept:
        letters.tell_company(session, request, RequestNews.PROMISE_BROKEN)
    return True


def company_answers(session: Session, company_id: int, request_id: int, text: str) -> None:
    """Keep the company's word on the person's no. Raises RequestOver, PromiseAnswerRefused."""
    said = clean(text)
    if not said or len(said) > MAX_ANSWER:
        raise PromiseAnswerRefused(
            _l("説明を、%(max)s文字までで入力してください。まだ保存していません。", max=MAX_ANSWER)
        )
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    with scopes.company(session, company_id):
        introduction = _of(session, request_id)
        if not may_answer(introduction):
            raise PromiseAnswerRefused(_l("説明を添えられる期間は終わりました。保存していません。"))
        introduction.company_answer, introduction.company_answered_at = said, clock.now()
        session.flush()
    endings.note(session, EventTag.INTRODUCTION_ANSWERED, request)


def may_answer(introduction: Introduction) -> bool:
    """Return whether the person said no within seven days, and the company has not answered."""
    until = answer_by(introduction)
    return until is not None and introduction.company_answered_at is None and clock.now() < until


def answer_by(introduction: Introduction) -> datetime | None:
    """Return until when the company can answer, and from when it counts; None unless the person said no."""
    answered = introduction.answered_at
    return answered + ANSWER_WITHIN if answered is not None and introduction.promise_kept is False else None


_BROKEN = select(func.count(Introduction.id)).where(
    Introduction.company_id == bindparam("company"),
    Introduction.promise_kept.is_(False),
    Introduction.answered_at <= moments.now(-ANSWER_WITHIN),
)


def broken(session: Session, company_id: int) -> int:
    """Return how many interviews of the company were not as promised, by the words of the people, after seven days.

    Whichever partner introduced, in the scope of any.
    """
    with scopes.everyone(session, OF_ALL_PARTNERS):
        return session.scalars(_BROKEN, {"company": company_id}).one()


def _read(session: Session, which: ColumnElement[bool]) -> PromiseQuestion | None:
    wanted = (
        select(IntroductionRequest, Introduction, Slot, Application.status)
        .join(Introduction, Introduction.request_id == IntroductionRequest.id)
        .outerjoin(Application, Application.id == Introduction.application_id)
        .outerjoin(InterviewInvitation, InterviewInvitation.id == Introduction.invitation_id)
        .outerjoin(Slot, Slot.id == InterviewInvitation.slot_id)
        .where(which)
    )
    row = session.execute(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    request, introduction, slot, result = row
    return PromiseQuestion(
        request.id,
        Guarantee.of(request),
        _is_due(request, slot, result),
        introduction.promise_kept,
        answer_by(introduction),
        introduction.company_answer,
    )


def _is_due(request: IntroductionRequest, slot: Slot | None, result: ApplicationResult | None) -> bool:
    """Return whether the interview is over, or came to nothing before its time through no act of the person.

    What the company recorded of a time that has passed decides nothing here: the person is asked either way, and so
    where the company recorded that they withdrew.
    """
    if slot is not None and slot.starts_at + timedelta(minutes=slot.minutes) <= clock.now():
        return True
    if request.state in MET or request.end_reason in (RequestEnd.COMPANY_FAULT, RequestEnd.NO_FAULT):
        return True
    return request.end_reason is RequestEnd.PERSON_FAULT and result is ApplicationResult.WITHDREW


def _of(session: Session, request_id: int) -> Introduction:
    wanted = select(Introduction).where(Introduction.request_id == request_id)
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise RequestOver
    return found
