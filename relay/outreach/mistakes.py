"""Declaring that a result mail was sent by mistake (誤って送った): everything that follows, in one transaction.

A mail cannot be called back. Its link is frozen, the application goes back to where it was before the mail was queued,
the count of referrals follows, and the right mail can be sent. The mail stays in every list, as what it was.
"""

from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import decisions
from relay.mail import letters
from relay.models import (
    Application,
    EventTag,
    Message,
    MessageState,
    Mistake,
    MistakeKind,
    event_data,
    record,
    scopes,
)
from relay.models.locking import lock_company
from relay.network import mistaken
from relay.network.mistaken import Contact
from relay.trust import incidents

KIND_WORDS = {
    MistakeKind.RESULT: _l("選考の結果（見送りではない方に送った）"),
    MistakeKind.ADDRESS: _l("宛先（ご本人ではない方に届いた）"),
    MistakeKind.TEXT: _l("文面か送る時期（結果は正しい）"),
}


class NotDelivered(DomainError):
    """Raise where the mail has not left: it can be stopped, or nobody got it."""

    code = "mail-not-sent"
    message = _l("このメールは、まだ誰にも届いていません。送信を待っているあいだは「送信を停止する」で止められます。")


class Declared(NamedTuple):
    """The record of a mistake; `new` is False where the mail had been declared before, and nothing was changed."""

    mistake: Mistake
    new: bool


def can_be_declared(message: Message) -> bool:
    """Return whether this mail told a person a result in earnest, and counts as such."""
    return (
        message.state is MessageState.SENT
        and message.once_per_subject
        and not message.practice
        and letters.find(message.letter).tells_result
    )


def reopens(message: Message) -> bool:
    """Return whether the mail itself had rejected the person, so that the selection can run on."""
    return bool(message.rejects)


_OF_MESSAGE = select(Mistake).where(Mistake.message_id == bindparam("message"))


def of_message(session: Session, message_id: int) -> Mistake | None:
    """Return what was declared of a mail."""
    return session.scalars(_OF_MESSAGE, {"message": message_id}).one_or_none()


@scopes.in_company
def declare(
    session: Session, company_id: int, message_id: int, kind: MistakeKind, contact: Contact, *, by_user_id: int | None
) -> Declared:
    """Declare it, once per mail. Raises NotDelivered.

    A rejection made by the mail is taken back where the result was the mistake; else the application is rejected and
    not told, as it was if the mail did not reject it. An open selection keeps no date of deletion (A-24).
    """
    lock_company(session, company_id)
    message = session.scalars(select(Message).where(Message.id == message_id).with_for_update()).one()
    if (earlier := of_message(session, message.id)) is not None:
        return Declared(earlier, new=False)
    if not can_be_declared(message):
        raise NotDelivered
    message.once_per_subject = False
    session.flush()
    application = _held(session, message.subject_id)
    link_id, reopened = None, False
    if application is not None:
        decisions.take_back_notice(application)
        if kind is MistakeKind.RESULT and message.rejects:
            reopened = decisions.reopen_if_rejected_here(session, application)
        link_id = mistaken.undo(session, company_id, application.id, message.to_address, by_user_id=by_user_id)
    mistake = Mistake(
        company_id=company_id,
        message_id=message.id,
        candidate_id=message.candidate_id,
        kind=kind,
        reopened=reopened,
        incident_id=incidents.prepare(session, company_id, message.batch_id, by_user_id=by_user_id).id,
        contact_name=contact.name,
        contact_phone=contact.phone,
        relay_link_id=link_id,
        at=clock.now(),
        by_user_id=by_user_id,
    )
    session.add(mistake)
    session.flush()
    _note(session, message, mistake)
    return Declared(mistake, new=True)


def _held(session: Session, application_id: int | None) -> Application | None:
    """Return the application as it is now, locked; None where its person was erased."""
    wanted = select(Application).where(Application.id == application_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _note(session: Session, message: Message, mistake: Mistake) -> None:
    if message.candidate_id is None:
        return
    record(
        session,
        EventTag.RESULT_MISTAKEN,
        company_id=mistake.company_id,
        subject=("application", message.subject_id),
        data=event_data.ResultMistaken(
            candidate_id=message.candidate_id,
            message_id=message.id,
            kind=mistake.kind.value,
            reopened=mistake.reopened,
        ),
    )
