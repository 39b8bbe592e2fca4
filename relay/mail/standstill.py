"""Stop everything: one press, and nothing of the company leaves until it is resumed.

Letters to one's own members still go: they carry the way in, and without it nobody could come and resume.
"""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters
from relay.models import Company, EventTag, Message, MessageState, event_data, record, scopes

_WAITING = (MessageState.SCHEDULED, MessageState.SENDING)


def stop(session: Session, company: Company) -> None:
    """Hold back everything the company has waiting and will queue; nothing is cancelled. Twice changes nothing."""
    if company.sending_stopped_at is None:
        company.sending_stopped_at = clock.now()
        _note(session, company, EventTag.SENDING_STOPPED)


def resume(session: Session, company: Company) -> None:
    """Let what waits leave, in its order; what is overdue leaves at once."""
    if company.sending_stopped_at is not None:
        company.sending_stopped_at = None
        _note(session, company, EventTag.SENDING_RESUMED)


@scopes.in_company
def waiting(session: Session, company_id: int) -> int:
    """Return how many mails of the company in scope wait to leave, their time come or not."""
    query = select(func.count()).where(
        Message.company_id == company_id, Message.state.in_(_WAITING), Message.letter.not_in(_to_members())
    )
    return session.scalar(query) or 0


def _goes(to_members: Any) -> ColumnElement[bool]:
    stopped = select(Company.id).where(Company.sending_stopped_at.is_not(None))
    return or_(Message.company_id.is_(None), Message.letter.in_(to_members), Message.company_id.not_in(stopped))


_IF_IT_GOES = select(Message.id).where(Message.id == bindparam("mail"), _goes(bindparam("members", expanding=True)))


def may_go() -> ColumnElement[bool]:
    """Return the condition on a message that nobody has stopped it."""
    return _goes(_to_members())


def holds(session: Session, message: Message) -> bool:
    """Return whether the mail is stopped, at this moment."""
    return session.scalar(_IF_IT_GOES, {"mail": message.id, "members": _to_members()}) is None


def _to_members() -> list[str]:
    return [name for name in letters.names() if letters.find(name).audience == "member"]


def _note(session: Session, company: Company, tag: EventTag) -> None:
    session.flush()
    waits = waiting(session, company.id)
    record(
        session,
        tag,
        company_id=company.id,
        subject=("company", company.id),
        data=event_data.MailsWaiting(waiting=waits),
    )
