"""Webhooks in the description: each kind of message with an example, written as the one that is sent is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import json
from flask_babel import gettext as _

from relay.connect.webhooks import messages
from relay.models import Event, EventTag, WebhookType
from relay.models.webhooks import WebhookData

_AT = datetime(2026, 4, 1, tzinfo=UTC)
_SAMPLES: Mapping[EventTag, dict[str, Any]] = {
    EventTag.APPLICATION_REJECTED: {"candidate_id": 31},
    EventTag.REFERRAL_COMPLETED: {"number": 12},
    EventTag.CREDIT_EARNED: {"balance": 2},
    EventTag.INTRODUCTION_ACCEPTED: {},
    EventTag.OUTCOMES_ENDED: {},
    EventTag.POSITION_MATCHED: {"count": 3},
    EventTag.RESULT_FAILED: {"state": "bounced", "message_id": 208, "candidate_id": 31},
}
"""Data of an event for each kind; its subject is 47."""
_ID = {"type": "string", "pattern": "^[1-9][0-9]{0,17}$", "maxLength": 18}
_HEADERS = (
    ("webhook-id", {"type": "string", "maxLength": 255, "pattern": "^msg_[0-9a-f]+$"}),
    ("webhook-timestamp", {"type": "string", "maxLength": 12, "pattern": "^[0-9]+$"}),
    ("webhook-signature", {"type": "string", "maxLength": 1000, "pattern": "^v1,"}),
)


def described() -> dict[str, Any]:
    """Return the `webhooks` part of the description."""
    samples = dict(filter(None, (messages.told(Event(tag=tag, subject_id=47, data=_SAMPLES[tag])) for tag in _SAMPLES)))
    samples[WebhookType.TEST] = {"endpoint_id": "5"}
    return {kind.value: {"post": _message(kind, data)} for kind, data in samples.items()}


def _message(kind: WebhookType, data: WebhookData) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "type": {"type": "string", "const": kind.value},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {
            "type": "object",
            "properties": {name: _as_sent(name, value) for name, value in data.items()},
            "required": list(data),
        },
    }
    body = {
        "schema": {"type": "object", "properties": properties, "required": list(properties)},
        "examples": {kind.value: {"value": json.loads(messages.body(kind, data, _AT))}},
    }
    return {
        "operationId": f"webhook_{kind.value.replace('.', '_').replace('-', '_')}",
        "summary": str(kind.label),
        "description": _(
            "Standard Webhooksの形で送ります。webhook-signatureヘッダーで、Relayからのものか確認できます。"
        ),
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {"in": "header", "name": name, "required": True, "schema": dict(schema)} for name, schema in _HEADERS
        ],
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "204": {"description": _("受け取りました。2xxなら、どれでもかまいません。")},
            "410": {"description": _("もう受け取りません。この送り先への送信を止めます。")},
        },
    }


def _as_sent(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"type": "integer", "minimum": 0}
    return dict(_ID) if name.endswith("_id") else {"type": "string"}
