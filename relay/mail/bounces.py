"""Mails that come back after they left: the last states of a refusal while sending, or nothing at all (C-13, C-26).

A report counts where it gives back a mail that we sent, by its Message-ID, which is random and known to its
recipient alone, and is about the very address it went to. Whatever else arrives changes nothing and is kept
aside for a month, where the operator finds it.
"""

import logging
from enum import StrEnum

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.config import Settings
from relay.infra import limited
from relay.mail import delivery_reports, refusals
from relay.mail.connection import words
from relay.mail.delivery_reports import Delivery, DeliveryReport
from relay.mail.final_state import after_refusal, mark_final, scope_of
from relay.mail.mailbox import MAX_UNKNOWN_BYTES, UNKNOWN, Mailbox
from relay.mail.refusals import Refusal
from relay.models import Message, MessageState, scopes
from relay.text import mail_key

log = logging.getLogger("relay")

_LEFT = (MessageState.SENT, MessageState.SENDING)
"""A report may overtake the worker that is about to note that the mail left."""


class BounceOutcome(StrEnum):
    """The result of handing in a mail that came back."""

    NOTED = "noted"
    """A mail of ours did not arrive."""
    NOTHING_NEW = "nothing-new"
    """It is about a mail of ours, and changes nothing: a delay, a delivery, or known already. Not kept."""
    UNKNOWN = "unknown"
    """Kept aside."""


def read(data: bytes) -> DeliveryReport | None:
    """Return the report that a mail is; None for another mail, and for one that nothing can read."""
    try:
        return delivery_reports.read(data)
    except limited.Ended:
        return None


def note(session: Session, report: DeliveryReport) -> BounceOutcome:
    """Give the mail that a report is about its last state, in the caller's transaction; once, if it comes again."""
    with scopes.everyone(session, "bounce: the mail a report is about may be any company's"):
        held = select(Message).where(Message.message_id == report.message_id).with_for_update()
        message = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if message is None:
        return BounceOutcome.UNKNOWN
    if not message.to_address:  # of somebody erased: it is not even kept
        return BounceOutcome.NOTHING_NEW
    if (delivery := _to(message.to_address, report)) is None:
        return BounceOutcome.UNKNOWN
    if delivery.action != "failed" or message.state not in _LEFT:
        return BounceOutcome.NOTHING_NEW
    refusal = _meaning(message, delivery)
    answer = words(delivery.code, delivery.words.encode()) if delivery.code else delivery.words
    message.failure, message.last_error = refusal, answer[:300]
    log.info("mail %s came back: %s", message.id, refusal.value)
    with scope_of(session, message):
        mark_final(session, message, after_refusal(refusal))
    return BounceOutcome.NOTED


def keep_aside(data: bytes) -> None:
    """Keep the beginning of a mail that could not be placed; the newest 200, for a month."""
    settings: Settings = current_app.config["RELAY"]
    Mailbox.of(settings, UNKNOWN).keep(data[:MAX_UNKNOWN_BYTES])


def _to(address: str, report: DeliveryReport) -> Delivery | None:
    """Return what is said of the address the mail went to: of itself before where it was passed on, failures first."""
    key = mail_key(address)
    named = [each for each in report.deliveries if key in (mail_key(each.recipient), mail_key(each.original))]
    return min(named, key=lambda each: (mail_key(each.recipient) != key, each.action != "failed"), default=None)


def _meaning(message: Message, delivery: Delivery) -> Refusal:
    """Return why it did not arrive. Where it was passed on, wrong is the next address, not the person's."""
    refusal = refusals.meaning(delivery.answer, message.to_address)
    passed_on = mail_key(delivery.recipient) != mail_key(message.to_address)
    return Refusal.REFUSED if passed_on and refusal is Refusal.NO_SUCH_ADDRESS else refusal
