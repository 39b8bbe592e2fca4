"""The outbox: a mail waits here, written in the same transaction as the decision it tells (invariant 6).

Functions read in the scope of one company, unless said otherwise.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.errors import DomainError
from relay.mail import batches, letters
from relay.mail import practice as practising
from relay.mail.delivery import deliver_one as deliver_one
from relay.mail.final_state import mark_final
from relay.models import Message, MessageBatch, MessageState, RejectionReason, scopes
from relay.models.prepared import read
from relay.models.retention import STAFF_MAIL
from relay.text import normalise_mail


class AlreadyQueued(DomainError):
    """Raise where a mail of this letter about the same subject is queued or sent; there is never a second (C-11)."""

    code = "mail-already-queued"
    message = _l("この応募には、すでに結果連絡が送られているか、送信を待っています。")


class NoAddress(DomainError):
    """Raise where there is no address to send a mail to."""

    code = "no-mail-address"
    message = _l("メールアドレスがないため、メールを用意できませんでした。")


@dataclass(frozen=True)
class Batch:
    """Mails queued by one act, still waiting."""

    batch: str
    count: int
    due_at: datetime


@dataclass(frozen=True)
class Waiting:
    """The mails of a company that wait: how many, when the next leaves, and the acts that queued them."""

    count: int
    due_at: datetime
    batches: tuple[Batch, ...]


class StaffMail(NamedTuple):
    """A mail to a login: its address and what the letter says to it."""

    user_id: int
    to: str
    values: dict[str, Any]


def queue(
    session: Session,
    letter: str,
    *,
    company_id: int | None,
    to: str,
    subject: tuple[str, int | None] = ("", None),
    candidate_id: int | None = None,
    profile_id: int | None = None,
    values: dict[str, Any] | None = None,
    template_version_id: int | None = None,
    due_at: datetime | None = None,
    batch_id: int | None = None,
    reason: RejectionReason | None = None,
    rejects: bool | None = None,
    by_user_id: int | None = None,
    practice: bool = False,
) -> Message:
    """Put a mail into the outbox, in the caller's transaction; it leaves after the commit, not before `due_at`.

    Raises AlreadyQueued when a result mail for the same application is waiting or has left, NoAddress when `to`
    is no usable address. `values` must hold no link: those are made while sending.

    While a company practises, a letter to a candidate is queued as `practice` alone: it goes to the member
    `by_user_id` and counts for nothing. Raises PracticeOnly without, NobodyPractises when there is no such member.
    """
    known = letters.find(letter)
    address = normalise_mail(to).value
    if not address:
        raise NoAddress
    values = dict(values or {})
    if practice:
        values[practising.REACHES] = address
        address = practising.own_address(session, scopes.required(company_id), by_user_id)
        if not address:
            raise practising.NobodyPractises
    elif company_id is not None and known.audience == "candidate" and practising.is_practising(session, company_id):
        raise practising.PracticeOnly
    moment = clock.now()
    message = Message(
        company_id=company_id,
        letter=letter,
        mail_class=known.mail_class,
        once_per_subject=known.once_per_subject,
        subject_kind=subject[0],
        subject_id=subject[1],
        candidate_id=candidate_id,
        profile_id=profile_id,
        to_address=address,
        template_version_id=template_version_id,
        values=values,
        batch_id=batch_id,
        reason=reason,
        rejects=rejects,
        state=MessageState.SCHEDULED,
        due_at=due_at or moment,
        message_id=new_message_id(),
        created_at=moment,
        by_user_id=by_user_id,
        practice=practice,
    )
    _add_once(session, message)
    return message


def queue_to_logins(session: Session, letter: str, mails: Sequence[StaffMail]) -> None:
    """Put a mail to each of these logins into the outbox in one statement, of a letter that belongs to no company."""
    known, moment = letters.find(letter), clock.now()
    rows = [
        {
            "letter": letter,
            "mail_class": known.mail_class,
            "subject_kind": "user",
            "subject_id": each.user_id,
            "to_address": each.to,
            "values": each.values,
            "state": MessageState.SCHEDULED,
            "due_at": moment,
            "message_id": new_message_id(),
            "created_at": moment,
        }
        for each in mails
    ]
    if rows:
        session.execute(insert(Message), rows)


@scopes.in_company
def cancel(session: Session, company_id: int, batch: str | None = None, message_id: int | None = None) -> int:
    """Stop what the company still has waiting, of one act or of all, or one mail of it; returns how many mails stay.

    What may already have left is not stopped. Mails a candidate asked for belong to no act and are not touched.
    """
    waiting = select(Message).where(
        Message.company_id == company_id,
        Message.state == MessageState.SCHEDULED,
        batches.mails_of(batch) if batch else Message.batch_id.is_not(None),
    )
    if message_id is not None:
        waiting = waiting.where(Message.id == message_id)
    stopped = session.scalars(waiting.order_by(Message.id).with_for_update()).all()
    with clock.at(clock.now()):
        for message in stopped:
            mark_final(session, message, MessageState.CANCELLED)
    batches.mark_stopped(session, {message.batch_id for message in stopped if message.batch_id is not None})
    session.flush()
    return len(stopped)


def waiting(session: Session) -> Waiting | None:
    """Return what the company in scope has queued by its own acts and could still stop; None when nothing."""
    batches = tuple(
        sorted((Batch(*row) for row in read(session, _WAITING)), key=lambda each: (each.due_at, each.batch))
    )
    if not batches:
        return None
    return Waiting(sum(each.count for each in batches), batches[0].due_at, batches)


def anything_waiting() -> ColumnElement[bool]:
    """Return whether `waiting` would find something, as a column of a statement that asks for more."""
    return select(Message.id).where(*_of_own_acts()).exists()


def _of_own_acts() -> tuple[ColumnElement[bool], ...]:
    # as a sum, which no index has: else SQLite walks every mail of any act, and not the few that wait
    return Message.state == MessageState.SCHEDULED, (Message.batch_id + 0).is_not(None)


_WAITING = (
    select(MessageBatch.code, func.count(), func.min(Message.due_at))
    .join(Message, Message.batch_id == MessageBatch.id)
    .where(*_of_own_acts())
    .group_by(MessageBatch.code)
)


def forget_staff_mails(session: Session) -> None:
    """Blank the address and the values of mails to logins, invited people and operators a year after they were queued.

    Mails of candidates and of registered people go with them.
    """
    over = update(Message).where(
        Message.candidate_id.is_(None),
        Message.profile_id.is_(None),
        Message.to_address != "",
        Message.created_at <= clock.now() - STAFF_MAIL.length,
    )
    with scopes.everyone(session, "worker: mails to staff, of any company and of none"):
        session.execute(over.values(to_address="", values={}, last_error=""))


def new_message_id() -> str:
    """Return a Message-ID of this installation, kept through every retry so that copies can be told as copies."""
    settings: Settings = current_app.config["RELAY"]
    return f"<{secrets.token_hex(16)}@{settings.hostname}>"


def _add_once(session: Session, message: Message) -> None:
    try:
        with session.begin_nested():
            session.add(message)
            session.flush()
    except IntegrityError as error:
        if message.once_per_subject and _notified(session, message):
            raise AlreadyQueued from error
        raise


def _notified(session: Session, message: Message) -> bool:
    held = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)
    found = select(Message.id).where(
        Message.company_id == message.company_id,
        Message.letter == message.letter,
        Message.subject_id == message.subject_id,
        Message.state.in_(held),
    )
    return session.scalars(found.limit(1)).first() is not None
