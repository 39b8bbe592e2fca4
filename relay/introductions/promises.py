"""The word on a guaranteed interview, held as promised or not: the person's, and within seven days the company's.

A no that is left standing counts against the company where partners decide whether to introduce (B-26).
"""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.introductions import endings, letters
from relay.introductions.letters import RequestNews
from relay.introductions.standing import RequestOver, held
from relay.models import EventTag, Introduction, event_data, scopes
from relay.models.locking import lock_company
from relay.text import clean

ANSWER_WITHIN = timedelta(days=7)
MAX_ANSWER = 500


class PromiseAnswerRefused(DomainError):
    """Raise where a company's word on a no is empty or too long, or comes when none can be given any more."""

    code = "introduction-answer-refused"


def asked_of_candidate(session: Session, company_id: int, request_id: int, *, kept: bool) -> bool:
    """Keep the person's word whether the interview was held as promised; return whether it is news. One word counts.

    Raises RequestOver where nobody said yes to the request.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id)
    with scopes.company(session, company_id):
        introduction = _of(session, request_id)
        if introduction.promise_kept is not None:
            return False
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
    answered = introduction.answered_at
    open_still = introduction.promise_kept is False and introduction.company_answered_at is None
    return open_still and answered is not None and clock.now() < answered + ANSWER_WITHIN


def broken(session: Session, company_id: int) -> int:
    """Return how many interviews of the company were not as promised, by the words of the people, after seven days."""
    with scopes.company(session, company_id):
        counted = select(func.count(Introduction.id)).where(
            Introduction.promise_kept.is_(False), Introduction.answered_at <= clock.now() - ANSWER_WITHIN
        )
        return session.scalars(counted).one()


def _of(session: Session, request_id: int) -> Introduction:
    wanted = select(Introduction).where(Introduction.request_id == request_id)
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise RequestOver
    return found
