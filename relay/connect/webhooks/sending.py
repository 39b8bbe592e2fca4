"""The way of a message: claim, commit, call, mark, commit.

Killed anywhere, a message is sent again under the same id once its lease is over; the other side tells repeats by that.
What comes of a try by schedule moves the count of failures; one made by hand is a single try and moves nothing (D-6).
"""

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import Any, NamedTuple, TypeVar

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.connect import outbound
from relay.connect.outbound import SECONDS, OutboundAnswer, OutboundFailed, OutboundRefused
from relay.connect.webhooks import endpoints, letters, signing
from relay.infra.turns import Turns
from relay.infra.vault import SealBroken
from relay.models import (
    WebhookAttempt,
    WebhookCause,
    WebhookEndpoint,
    WebhookMessage,
    WebhookState,
    WebhookStop,
    WebhookType,
    scopes,
)
from relay.models.webhooks import MAX_WEBHOOK_ANSWER

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long a message waits after its first, second … try; after the last it has failed (D-6)."""
JITTER = 0.1
"""A wait is longer by up to this part of it, so that what failed together does not come back together."""
SUSTAINED = timedelta(days=3)
"""Of an address that took nothing for so long, a message that was tried to the end is the last."""
MAX_REST = timedelta(hours=24)
"""However long an address asks to be left in peace."""
REST_STEP = timedelta(seconds=5)
"""An address rests so long for each failure in a row, up to a minute, before its next message is tried."""
THROTTLED = frozenset({429, 502, 503, 504})
GONE = 410

_random = SystemRandom()
_Select = TypeVar("_Select", bound=Select[Any])


class TakenMessage(NamedTuple):
    """A message taken in hand, with all that is needed to send it."""

    company_id: int
    message_id: int
    endpoint_id: int
    url: str
    uid: str
    body: str
    secrets: tuple[str, ...]
    """Empty where no key opens them."""
    cause: WebhookCause


class TryResult(NamedTuple):
    """The outcome of a try."""

    at: datetime
    seconds: float
    answer: OutboundAnswer | None = None
    fault: str = ""

    @property
    def status(self) -> int | None:
        """Return the status of the answer, if there was one."""
        return None if self.answer is None else self.answer.status


def deliver_one(session: Session, *, now: datetime, turns: Turns | None = None) -> bool:
    """Send the message whose turn it is, if any; returns whether there was one. Commits between its steps."""
    taken = take(session, now=now, turns=turns or Turns())
    if taken is not None:
        hand_over(session, taken)
    return taken is not None


def take(
    session: Session,
    *,
    now: datetime,
    turns: Turns,
    companies: Collection[int] = (),
    busy: Collection[int] = (),
) -> TakenMessage | None:
    """Take the message in hand that is to leave next, and commit; None when there is none.

    Companies go by turns. Passed over are `companies` and addresses in `busy`, which have enough in hand, and addresses
    that rest.
    """
    settings: Settings = current_app.config["RELAY"]
    with scopes.everyone(session, "worker: the next webhook due, of any company"):
        resting = select(WebhookEndpoint.id).where(
            WebhookEndpoint.id == WebhookMessage.endpoint_id, WebhookEndpoint.rests_until > now
        )
        wanted = select(WebhookMessage).where(
            WebhookMessage.due_at <= now,
            WebhookMessage.by_hand | ~resting.exists(),
            WebhookMessage.company_id.not_in(companies),
            WebhookMessage.endpoint_id.not_in(busy),
        )
        message = turns.next(session, wanted, WebhookMessage.company_id, WebhookMessage.due_at, WebhookMessage.id)
        if message is None:
            session.commit()
            return None
        message.due_at = now + timedelta(seconds=max(settings.lease_seconds, 0))
        endpoint = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id == message.endpoint_id)).one()
        taken = _taken(message, endpoint)
        session.commit()
    return taken


def hand_over(session: Session, taken: TakenMessage) -> None:
    """Call the address and write down what came of it; no transaction is open while the other side thinks."""
    result = _call(taken)
    with scopes.company(session, taken.company_id):
        _mark(session, taken, result)
        session.commit()


def _taken(message: WebhookMessage, endpoint: WebhookEndpoint) -> TakenMessage:
    try:
        known = tuple(endpoints.secrets_in_force(endpoint))
    except SealBroken:
        known = ()
    return TakenMessage(
        message.company_id, message.id, endpoint.id, endpoint.url, message.uid, message.body, known, _cause(message)
    )


def _cause(message: WebhookMessage) -> WebhookCause:
    if message.type is WebhookType.TEST:
        return WebhookCause.TEST
    return WebhookCause.BY_HAND if message.by_hand else WebhookCause.SCHEDULE


def _call(taken: TakenMessage) -> TryResult:
    at, began = clock.now(), time.monotonic()
    answer, fault = None, ""
    if not taken.secrets:
        return TryResult(at, 0, fault=SealBroken.code)
    headers = {"Content-Type": "application/json", **signing.headers(taken.uid, at, taken.body, taken.secrets)}
    try:
        answer = outbound.of_installation().call(
            "POST",
            taken.url,
            headers=headers,
            content=taken.body.encode(),
            seconds=SECONDS,
            max_body=MAX_WEBHOOK_ANSWER,
        )
    except OutboundRefused as refused:
        fault = refused.code
    except OutboundFailed as failed:
        fault = failed.fault.value
    return TryResult(at, time.monotonic() - began, answer, fault)


def _mark(session: Session, taken: TakenMessage, result: TryResult) -> None:
    """Write down a try. The address is held first, then the message, as where one is stopped."""
    endpoint = session.scalars(_held(select(WebhookEndpoint).where(WebhookEndpoint.id == taken.endpoint_id))).first()
    message = session.scalars(_held(select(WebhookMessage).where(WebhookMessage.id == taken.message_id))).first()
    if endpoint is None or message is None:  # removed meanwhile
        return
    attempt = WebhookAttempt(
        company_id=taken.company_id,
        message_id=message.id,
        at=result.at,
        cause=taken.cause,
        status=result.status,
        fault=result.fault,
        milliseconds=round(result.seconds * 1000),
        answer=_shown(result.answer),
    )
    session.add(attempt)
    if taken.cause is WebhookCause.SCHEDULE:
        _go_on(session, endpoint, message, attempt, result)
    else:
        _end_by_hand(message, taken=attempt.taken)


def _held(wanted: _Select) -> _Select:
    return wanted.with_for_update().execution_options(populate_existing=True)


def _end_by_hand(message: WebhookMessage, *, taken: bool) -> None:
    if taken:
        message.state, message.due_at = WebhookState.DELIVERED, None
    else:
        message.due_at = message.resumes_at
    message.by_hand, message.resumes_at = False, None


def _go_on(
    session: Session,
    endpoint: WebhookEndpoint,
    message: WebhookMessage,
    attempt: WebhookAttempt,
    result: TryResult,
) -> None:
    message.tries += 1
    if attempt.taken:
        endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
        _put_off(message, WebhookState.DELIVERED, None)
        return
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or attempt.at
    if message.state is WebhookState.WAITING:
        rest = _rest(endpoint, result)
        endpoint.rests_until = max(filter(None, (endpoint.rests_until, clock.now() + rest)))
        if message.tries > len(WAITS):
            _put_off(message, WebhookState.FAILED, None)
        else:
            wait = WAITS[message.tries - 1] * (1 + _random.random() * JITTER)
            _put_off(message, WebhookState.WAITING, clock.now() + max(wait, rest))
    _stop_or_tell(session, endpoint, message, attempt)


def _put_off(message: WebhookMessage, state: WebhookState, due_at: datetime | None) -> None:
    """Set what is next by schedule; a try that was asked for by hand meanwhile comes before it."""
    message.state = state
    if message.by_hand:
        message.resumes_at = due_at
    else:
        message.due_at = due_at


def _stop_or_tell(
    session: Session, endpoint: WebhookEndpoint, message: WebhookMessage, attempt: WebhookAttempt
) -> None:
    """Stop an address that is gone or takes nothing for days. Administrators are told, of one failed message, too."""
    if not endpoint.enabled:
        return
    exhausted = message.state is WebhookState.FAILED
    if attempt.status == GONE:
        why = WebhookStop.GONE
    elif exhausted and endpoint.failing_since is not None and endpoint.failing_since <= clock.now() - SUSTAINED:
        why = WebhookStop.FAILING
    else:
        if exhausted:
            letters.tell(session, endpoint)
        return
    endpoints.stop(session, endpoint, why)
    letters.tell(session, endpoint)


def _rest(endpoint: WebhookEndpoint, result: TryResult) -> timedelta:
    if result.answer is not None and result.answer.status in THROTTLED:
        asked = _asked_rest(result.answer.headers.get("retry-after", ""))
        if asked is not None:
            return max(timedelta(0), min(asked, MAX_REST))
    if result.answer is not None and result.answer.status not in THROTTLED:
        return timedelta(0)
    return min(endpoint.failures * REST_STEP, timedelta(minutes=1))


def _asked_rest(written: str) -> timedelta | None:
    """Read Retry-After: seconds or a date (RFC 9110); None for what is neither."""
    if written.isascii() and written.isdigit():
        return timedelta(seconds=int(written[:9]))
    try:
        until = parsedate_to_datetime(written)
    except ValueError:
        return None
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - clock.now()


def _shown(answer: OutboundAnswer | None) -> str:
    """Return the answer as text that may be stored and shown."""
    if answer is None:
        return ""
    text = answer.body[:MAX_WEBHOOK_ANSWER].decode("utf-8", "replace")
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)
