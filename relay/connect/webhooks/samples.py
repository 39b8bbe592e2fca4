"""Samples of messages, for setting up a receiver: what the company's last events of a kind said, or would have said.

They are made of events and not of messages, of which there are none before an address is added.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.webhooks import messages
from relay.models import Event, EventTag, WebhookType
from relay.models.webhooks import WebhookData

MOST = 3
_LOOKED_AT = 50
"""So many of the last events are looked at for those of which something is told."""
_TAGS = {
    WebhookType.CANDIDATE_REJECTED: (EventTag.APPLICATION_REJECTED,),
    WebhookType.REFERRAL_COMPLETED: (EventTag.REFERRAL_COMPLETED,),
    WebhookType.CREDIT_EARNED: (EventTag.CREDIT_EARNED,),
    WebhookType.INTRODUCTION_ACCEPTED: (EventTag.INTRODUCTION_ACCEPTED,),
    WebhookType.CONSENT_WITHDRAWN: (EventTag.OUTCOMES_ENDED, EventTag.RELATED_ENDED, EventTag.OPENINGS_ENDED),
    WebhookType.POSITION_MATCHED: (EventTag.POSITION_MATCHED,),
    WebhookType.MESSAGE_BOUNCED: (EventTag.RESULT_FAILED,),
}
_MADE_UP: dict[WebhookType, WebhookData] = {
    WebhookType.CANDIDATE_REJECTED: {"application_id": "1", "candidate_id": "1"},
    WebhookType.REFERRAL_COMPLETED: {"number": 1},
    WebhookType.CREDIT_EARNED: {"balance": 1},
    WebhookType.INTRODUCTION_ACCEPTED: {"introduction_request_id": "1"},
    WebhookType.CONSENT_WITHDRAWN: {"candidate_id": "1", "consent": "outcomes"},
    WebhookType.POSITION_MATCHED: {"position_id": "1", "count": 1},
    WebhookType.MESSAGE_BOUNCED: {"message_id": "1", "application_id": "1", "candidate_id": "1", "state": "bounced"},
}
"""What is shown where there was no such event yet."""


class SampleMessage(NamedTuple):
    """A message as it would be sent; `id` tells samples apart and is no message's."""

    id: str
    body: str


def of(session: Session, company_id: int, kind: WebhookType) -> list[SampleMessage]:
    """Return what the last three events of a kind say, the newest first; one that is made up where there is none."""
    found = [
        SampleMessage(f"event-{event_id}", messages.body(kind, data, at))
        for event_id, at, data in islice(_last(session, company_id, kind), MOST)
    ]
    return found or [SampleMessage("sample", messages.body(kind, _MADE_UP[kind], clock.now()))]


def _last(session: Session, company_id: int, kind: WebhookType) -> Iterator[tuple[int, datetime, WebhookData]]:
    tags = [tag.value for tag in _TAGS[kind]]
    newest_first = select(Event).where(Event.company_id == company_id, Event.tag.in_(tags))
    for event in session.scalars(newest_first.order_by(Event.at.desc(), Event.id.desc()).limit(_LOOKED_AT)):
        told = messages.told(event)
        if told is not None:
            yield event.id, event.at, told[1]
