"""Messages: made of events, by ids and states alone (D-2), sent again by hand, and forgotten after thirty days.

What a message tells is no more than the pages of its company show. Who registered is not in it (A-45): of a
registration it has the number, as the ledger has; what a person withdraws from partners is between them.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.webhooks.endpoints import living
from relay.models import (
    Event,
    EventTag,
    MessageState,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookMessage,
    WebhookState,
    WebhookType,
    scopes,
)
from relay.models.keyset import Page, newest
from relay.models.upsert import upsert
from relay.models.webhooks import WebhookData

CONSUMER = "webhooks"
KEPT = timedelta(days=30)
"""How long a message stays in the log."""
PAGE = 50
NEWEST_FIRST = newest(WebhookMessage.id)
_ARRIVED_NOT = frozenset({MessageState.BOUNCED.value, MessageState.FAILED.value})
_ENDED = {
    EventTag.OUTCOMES_ENDED.value: "outcomes",
    EventTag.RELATED_ENDED.value: "related_company",
    EventTag.OPENINGS_ENDED.value: "openings",
}
"""Consents that a person gave to the company itself, and took back or let end."""


@dataclass(frozen=True)
class LoggedMessage:
    """A message of the log with its tries, the newest first."""

    message: WebhookMessage
    attempts: Sequence[WebhookAttempt]


def told(event: Event) -> tuple[WebhookType, WebhookData] | None:
    """Return what a message says of an event; None where nothing is told of it."""
    data = event.data
    match event.tag:
        case EventTag.APPLICATION_REJECTED:
            return WebhookType.CANDIDATE_REJECTED, _ids(
                application_id=event.subject_id, candidate_id=data["candidate_id"]
            )
        case EventTag.REFERRAL_COMPLETED:
            return WebhookType.REFERRAL_COMPLETED, {"number": data["number"]}
        case EventTag.CREDIT_EARNED:
            return WebhookType.CREDIT_EARNED, {"balance": data["balance"]}
        case EventTag.INTRODUCTION_ACCEPTED:
            return WebhookType.INTRODUCTION_ACCEPTED, _ids(introduction_request_id=event.subject_id)
        case EventTag.POSITION_MATCHED:
            return WebhookType.POSITION_MATCHED, _ids(position_id=event.subject_id) | {"count": data["count"]}
        case EventTag.RESULT_FAILED if data["state"] in _ARRIVED_NOT:
            ids = _ids(
                message_id=data["message_id"], application_id=event.subject_id, candidate_id=data["candidate_id"]
            )
            return WebhookType.MESSAGE_BOUNCED, ids | {"state": data["state"]}
        case tag if tag in _ENDED:
            return WebhookType.CONSENT_WITHDRAWN, _ids(candidate_id=event.subject_id) | {"consent": _ENDED[tag]}
    return None


def write(session: Session, event: Event) -> None:
    """Put a message for each address that wants it into the queue; seeing an event twice changes nothing."""
    found = told(event)
    if found is None:
        return
    kind, data = found
    company_id = scopes.required(event.company_id)
    with scopes.company(session, company_id):
        wanting = [each for each in living(session, company_id) if kind in each.types]
        for endpoint in wanting:
            session.execute(
                upsert(session, WebhookMessage)
                .values(_row(endpoint, kind, data, event.at) | {"event_id": event.id})
                .on_conflict_do_nothing(index_elements=["company_id", "endpoint_id", "event_id"])
            )


def send_test(session: Session, endpoint: WebhookEndpoint) -> WebhookMessage:
    """Send a message that says nothing, once; also to an address that is stopped."""
    row = _row(endpoint, WebhookType.TEST, {"endpoint_id": str(endpoint.id)}, clock.now())
    message = WebhookMessage(**row | {"state": WebhookState.FAILED, "due_at": clock.now(), "by_hand": True})
    session.add(message)
    session.flush()
    return message


def replay(session: Session, message: WebhookMessage) -> None:
    """Try a message once more, now, under the same id: whatever its state, and that of its address.

    The schedule goes on where it was, and the count of failures is left alone.
    """
    if message.by_hand:
        return
    if message.state is WebhookState.WAITING:
        message.resumes_at = message.due_at
    message.by_hand, message.due_at = True, clock.now()


@scopes.in_company
def find(session: Session, company_id: int, message_id: int) -> WebhookMessage | None:
    """Return a message of the company; None where there is none of this id."""
    return session.scalars(select(WebhookMessage).where(WebhookMessage.id == message_id)).one_or_none()


_OF_ENDPOINT = select(WebhookMessage).where(WebhookMessage.endpoint_id == bindparam("endpoint"))


def log(
    session: Session, endpoint: WebhookEndpoint, *, after: str = "", before: str = "", limit: int = PAGE
) -> Page[LoggedMessage]:
    """Return a page of an address's messages, the newest first, with their tries."""
    found = NEWEST_FIRST.page(
        session,
        _OF_ENDPOINT,
        lambda message: message,
        after=after,
        before=before,
        limit=limit,
        values={"endpoint": endpoint.id},
    )
    tries = _tries(session, [each.id for each in found.rows])
    rows = [LoggedMessage(each, tries.get(each.id, ())) for each in found.rows]
    return Page(rows, next=found.next, previous=found.previous, at_top=found.at_top)


def sweep(session: Session) -> None:
    """Forget messages, with their tries, after their term. Needs a scope of everyone."""
    session.execute(
        delete(WebhookMessage)
        .where(WebhookMessage.made_at <= clock.now() - KEPT)
        .execution_options(synchronize_session=False)
    )


_TRIES = (
    select(WebhookAttempt)
    .where(WebhookAttempt.message_id.in_(bindparam("messages", expanding=True)))
    .order_by(WebhookAttempt.id.desc())
)


def _tries(session: Session, message_ids: Sequence[int]) -> Mapping[int, Sequence[WebhookAttempt]]:
    found: dict[int, list[WebhookAttempt]] = {}
    for attempt in session.scalars(_TRIES, {"messages": list(message_ids)}):
        found.setdefault(attempt.message_id, []).append(attempt)
    return found


def _row(endpoint: WebhookEndpoint, kind: WebhookType, data: WebhookData, at: datetime) -> dict[str, object]:
    return {
        "company_id": endpoint.company_id,
        "endpoint_id": endpoint.id,
        "uid": f"msg_{secrets.token_hex(16)}",
        "type": kind,
        "body": body(kind, data, at),
        "state": WebhookState.WAITING if endpoint.enabled else WebhookState.HELD,
        "due_at": clock.now() if endpoint.enabled else None,
        "by_hand": False,
        "tries": 0,
        "made_at": clock.now(),
    }


def body(kind: WebhookType, data: WebhookData, at: datetime) -> str:
    """Return the body that is sent and signed: type, time of the event (RFC 3339, UTC) and data (D-1)."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": kind.value, "timestamp": moment, "data": data}, separators=(",", ":"))


def _ids(**numbers: int | None) -> WebhookData:
    """Return ids as programs outside get them: as text, opaque."""
    return {name: str(number) for name, number in numbers.items()}


CONSUMERS = {CONSUMER: write}
