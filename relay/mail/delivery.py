"""The way of a mail: claim, commit, make links and write it, commit, send, mark, commit.

Killed anywhere, a mail is sent again under the same Message-ID once its lease is over; only a kill
between the server's answer and the mark makes a copy (invariant 6).
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.errors import DomainError
from relay.infra import leases
from relay.infra.keyed_hash import address_hash
from relay.infra.log_safety import trace_of
from relay.infra.turns import Turns
from relay.mail import compose, in_hand, letters, optouts, pace, practice, sending_hours, servers, standstill, tokens
from relay.mail.final_state import after_refusal, mark, mark_final, scope_of
from relay.mail.letters import MailRoute
from relay.mail.server_route import ServerRouteKey
from relay.mail.transport import DeliveryResult, Envelope, Fate, Transport
from relay.models import Message, MessageState, TokenPurpose, scopes

log = logging.getLogger("relay.worker")

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720))
"""How long a mail waits after its first, second … try; after the last it has failed."""

MAX_CLAIMS = 40
"""A mail this often in a worker's hands without ever reaching a final state kills workers, and is given up."""


class Taken(NamedTuple):
    """A mail taken in hand; without an envelope it had to stay here, and its fate is written down already."""

    message: Message
    envelope: Envelope | None = None
    by_own: bool = False
    """Whether it goes by a server that a company named."""


def deliver_one(
    session: Session, *, now: datetime, transport: Transport, rate: int = 0, turns: Turns | None = None
) -> bool:
    """Send the mail whose turn it is, if any; returns whether there was one. Commits between its steps."""
    taken = take(session, now=now, held=transport.held(), rate=rate, turns=turns or Turns())
    if taken is not None:
        hand_over(session, taken, transport)
    return taken is not None


def take(
    session: Session,
    *,
    now: datetime,
    held: frozenset[ServerRouteKey] = frozenset(),
    rate: int = 0,
    turns: Turns,
    by_organisation_only: bool = False,
) -> Taken | None:
    """Take the mail in hand that is to leave next, and write it; None when there is none. Commits between its steps.

    Letters about logins come first, then what was left behind, then companies by turns. Passed over are mails whose
    server is `held` or has enough in hand, with `by_organisation_only` all that go by a company's own server, and what
    exceeds a company's `rate` a minute.
    """
    message = _claim(session, now, held, rate, turns, by_organisation_only)
    if message is None:
        return None
    with scope_of(session, message):
        try:
            ready = _prepare(session, message)
            session.commit()
        except Exception as error:
            session.rollback()
            log.error("mail %s could not be written: %s", message.id, trace_of(error))
            _finish(session, message, DeliveryResult(Fate.LATER, _why(error)))
            return Taken(message)
    return Taken(message, ready, ready is not None and ready.route.company_id is not None)


def hand_over(session: Session, taken: Taken, transport: Transport) -> None:
    """Send the mail and write down what became of it; in any session, and holding none while the server thinks."""
    if taken.envelope is None:
        return
    message = taken.message
    in_hand_still = (Message.id == message.id, Message.state == MessageState.SENDING)
    with leases.kept(session.get_bind().engine, Message, *in_hand_still, lease=_lease()):
        outcome = transport.send(taken.envelope)
    with scope_of(session, message):
        _finish(session, message, outcome)


def _why(error: Exception) -> str:
    """Return the sentence of an error of ours; of other errors only where they happened."""
    return str(error) if isinstance(error, DomainError) else trace_of(error)


def _claim(
    session: Session,
    now: datetime,
    held: frozenset[ServerRouteKey],
    rate: int,
    turns: Turns,
    by_organisation_only: bool,
) -> Message | None:
    with scopes.everyone(session, "worker: the next mail due, of any company"):
        in_hand.one_at_a_time(session)
        sending_hours.put_off(session, now)
        own = in_hand.by_own_server(session, now)
        enough = {key for key, count in own.items() if by_organisation_only or count >= in_hand.MAX_CONNECTIONS}
        may_go = and_(standstill.may_go(), servers.can_leave(session, held | enough))
        if by_organisation_only:
            may_go = and_(may_go, Message.letter.not_in(letters.by_route(MailRoute.FORMER)))
        message = (
            _urgent(session, now, may_go)
            or _left_behind(session, now, may_go)
            or _due_in_pace(session, now, may_go, rate, turns)
        )
        if message is not None:
            message.state = MessageState.SENDING
            message.lease_until = now + _lease()
            message.attempts += 1
        session.commit()
    return message


def _urgent(session: Session, now: datetime, may_go: ColumnElement[bool]) -> Message | None:
    due = and_(Message.state == MessageState.SCHEDULED, Message.letter.in_(letters.urgent()), Message.due_at <= now)
    return _first(session, select(Message).where(due, may_go).order_by(Message.due_at, Message.id))


def _left_behind(session: Session, now: datetime, may_go: ColumnElement[bool]) -> Message | None:
    """Return a mail whose worker died, or whose next try after an unsure one has come."""
    wanted = select(Message).where(Message.state == MessageState.SENDING, Message.lease_until <= now, may_go)
    return _first(session, wanted.order_by(Message.lease_until, Message.id))


def _due_in_pace(
    session: Session, now: datetime, may_go: ColumnElement[bool], rate: int, turns: Turns
) -> Message | None:
    """Return the next mail due of the company whose turn it is, if it has not sent enough this minute.

    What exceeds that is put off to the next minute, and another company has its turn.
    """
    wanted = select(Message).where(Message.state == MessageState.SCHEDULED, Message.due_at <= now, may_go)
    message: Message | None
    while (message := turns.next(session, wanted, Message.company_id, Message.due_at, Message.id)) is not None:
        if pace.may_go(session, message, now, rate):
            break
        pace.put_off(session, message, now)
    return message


def _first(session: Session, wanted: Any) -> Message | None:
    return session.scalars(wanted.limit(1).with_for_update(skip_locked=True)).one_or_none()


def _prepare(session: Session, message: Message) -> Envelope | None:
    """Return the finished mail with its links made, or None where it must not leave and has been marked so."""
    session.refresh(message, with_for_update=True)
    if message.state is not MessageState.SENDING:  # erased or taken over since it was claimed
        return None
    if standstill.holds(session, message):
        _put_back(message)
        return None
    if (state := _must_not_leave(session, message)) is not None:
        mark_final(session, message, state)
        return None
    with session.begin_nested() as step:
        links = _links(session, message)
        draft = compose.draft(session, message, preview=False, links=links)
        refused = draft.can_be_stopped and _stopped(session, message, draft)
        if refused:
            step.rollback()
    if refused:
        mark_final(session, message, MessageState.SUPPRESSED)
        return None
    if draft.can_be_stopped:
        draft.context["unsubscribe_url"] = _unsubscribe_url(session, message)
    if draft.tells_of_record and not message.practice:
        draft.context["objection_url"] = _objection_url(session, message)
    message.mail_class = draft.mail_class
    message.lease_until = clock.now() + _lease()
    return compose.envelope(compose.write(draft), message, servers.route_of(session, message))


def _put_back(message: Message) -> None:
    """Put a mail back that was stopped after it was claimed: it waits on. One that may have left before stays so."""
    if message.attempts == 1:
        message.state, message.lease_until, message.attempts = MessageState.SCHEDULED, None, 0
    else:
        message.lease_until = clock.now()


def _links(session: Session, message: Message) -> dict[str, Any]:
    if message.practice:
        return practice.mint(session, message)
    letter = letters.find(message.letter)
    return dict(letter.mint(session, message)) if letter.mint else {}


def _must_not_leave(session: Session, message: Message) -> MessageState | None:
    if not message.to_address or not practice.may_leave(session, message):
        return MessageState.CANCELLED
    if (has_lapsed := letters.find(message.letter).has_lapsed) is not None and has_lapsed(session, message):
        return MessageState.CANCELLED
    if message.attempts > MAX_CLAIMS:
        return MessageState.FAILED
    return MessageState.SUPPRESSED if _has_bounced(session, message) else None


_BOUNCED = (
    select(Message.id)
    .where(
        Message.company_id == bindparam("company"),
        Message.letter.in_(bindparam("letters", expanding=True)),
        Message.state == MessageState.BOUNCED,
        func.lower(Message.to_address) == bindparam("address"),
    )
    .limit(1)
)


def _has_bounced(session: Session, message: Message) -> bool:
    """Return whether this company's mail to the address has come back for good; nothing more is sent to it then (C-7).

    What one server says holds for its own mails: a company's must not keep letters about logins from anybody (C-24).
    """
    route = letters.find(message.letter).route
    if route is MailRoute.FORMER:
        return False
    about = {"company": message.company_id, "letters": letters.by_route(route), "address": message.to_address.lower()}
    return session.scalars(_BOUNCED, about).first() is not None


def _stopped(session: Session, message: Message, draft: compose.MailContent) -> bool:
    if message.company_id is None:
        return False
    return optouts.is_opted_out(session, message.company_id, message.to_address, draft.mail_class)


def _unsubscribe_url(session: Session, message: Message) -> str:
    """Return a link to stop this class of mail. It carries no candidate, so it still works when their data is gone."""
    token = tokens.mint(
        session,
        TokenPurpose.UNSUBSCRIBE,
        message.id,
        company_id=message.company_id,
        message_id=message.id,
        address_hash=address_hash(message.to_address),
    )
    return tokens.url_of(TokenPurpose.UNSUBSCRIBE, token)


def _objection_url(session: Session, message: Message) -> str:
    """Return a link to object to the use of the selection record; it goes with the person."""
    candidate_id = scopes.required(message.candidate_id)
    token = tokens.mint(
        session,
        TokenPurpose.OBJECTION,
        candidate_id,
        company_id=message.company_id,
        candidate_id=candidate_id,
        message_id=message.id,
    )
    return tokens.url_of(TokenPurpose.OBJECTION, token)


def _finish(session: Session, message: Message, outcome: DeliveryResult) -> None:
    """Mark what became of the mail. A database that fails now is waited for: giving up would send the mail again."""
    for pause in (0.2, 1.0, 5.0, 15.0):
        try:
            _mark(session, message.id, outcome)
            return
        except OperationalError as error:
            session.rollback()
            log.warning("mail %s could not be marked yet: %s", message.id, trace_of(error))
            time.sleep(pause)
    _mark(session, message.id, outcome)


def _mark(session: Session, message_id: int, outcome: DeliveryResult) -> None:
    held = select(Message).where(Message.id == message_id).with_for_update().execution_options(populate_existing=True)
    message = session.scalars(held).one_or_none()  # gone: practised, and taken away since
    if message is not None and message.state is MessageState.SENDING:
        message.last_error, message.failure = outcome.detail[:300], outcome.refusal
        state = _last_state(outcome, message.attempts)
        if state is None:
            _try_again(message, outcome)
        else:
            _mark_final_surely(session, message, state)
    session.commit()


def _last_state(outcome: DeliveryResult, attempts: int) -> MessageState | None:
    """Return the state a try leads to, None where another may help."""
    if outcome.fate is Fate.SENT:
        return MessageState.SENT
    if outcome.fate is Fate.REFUSED:
        return after_refusal(outcome.refusal)
    return MessageState.FAILED if attempts > len(WAITS) else None


def _try_again(message: Message, outcome: DeliveryResult) -> None:
    """Put the mail back. Where it may have left it stays `sending`, so that its decision cannot be taken back."""
    next_try = clock.now() + WAITS[message.attempts - 1]
    message.due_at = next_try
    if outcome.fate is Fate.UNSURE:
        message.lease_until = next_try
    else:
        message.state, message.lease_until = MessageState.SCHEDULED, None


def _mark_final_surely(session: Session, message: Message, state: MessageState) -> None:
    """Settle; where the letter's own act fails, the mail is still marked, for unmarked it would be sent again."""
    try:
        with session.begin_nested():
            mark_final(session, message, state)
    except OperationalError:
        raise
    except Exception as error:
        log.error("mail %s: its letter did not settle: %s", message.id, trace_of(error))
        mark(message, state)
        message.last_error = trace_of(error)[:300]


def _lease() -> timedelta:
    settings: Settings = current_app.config["RELAY"]
    return timedelta(seconds=settings.lease_seconds)
