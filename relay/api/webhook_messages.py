"""Messages of webhooks: samples of each event, the log of what was sent to an address, and sending once more."""

import json
from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from relay.access.context import caller
from relay.api import api
from relay.api.acts import needs_scope, once
from relay.api.parts import (
    PageQuery,
    RequestSchema,
    RowNumber,
    UtcMoment,
    Words,
    as_page,
    checked_cursor,
    page_of,
)
from relay.api.webhooks import EVENTS, QueuedSchema, webhook_or_404
from relay.connect.webhooks import messages, samples
from relay.connect.webhooks.messages import LoggedMessage
from relay.extensions import db
from relay.models import ApiScope, WebhookCause, WebhookState, WebhookType
from relay.models.scopes import required


class PayloadSchema(Schema):
    """The body of a message, as it is sent."""

    type = fields.String(required=True, metadata={"enum": [kind.value for kind in WebhookType]})
    timestamp = fields.String(required=True, metadata={"format": "date-time"})
    data = fields.Dict(keys=fields.String(), required=True, metadata={"description": _l("番号と状態だけ")})


class SamplePayloadSchema(PayloadSchema):
    """A body that was sent or would be, with an id that tells samples apart."""

    id = fields.String(required=True, metadata={"description": _l("見本を区別する値（送る内容にはない）")})


class SamplesSchema(Schema):
    """A few samples, the newest first."""

    data = fields.List(fields.Nested(SamplePayloadSchema), required=True)


class SamplesQuery(RequestSchema):
    """The event of which samples are shown."""

    event = Words(required=True, validate=validate.OneOf(EVENTS), metadata={"description": _l("できごとの種類")})


class WebhookTrySchema(Schema):
    """One try: what was answered, or why nothing was."""

    at = UtcMoment(required=True)
    cause = fields.Enum(WebhookCause, by_value=True, required=True)
    status = fields.Integer(required=True, allow_none=True)
    fault = fields.String(required=True, metadata={"description": _l("応答がなかった理由（応答があれば空）")})
    milliseconds = fields.Integer(required=True)
    answer = fields.String(required=True, metadata={"description": _l("応答の初めの部分")})


class WebhookMessageSchema(Schema):
    """A message with its tries, the newest first."""

    id = RowNumber(required=True)
    uid = fields.String(required=True, metadata={"description": _l("webhook-idヘッダーの値")})
    payload = fields.Nested(PayloadSchema, required=True)
    state = fields.Enum(WebhookState, by_value=True, required=True)
    due_at = UtcMoment(required=True, allow_none=True, metadata={"description": _l("次に送る予定")})
    made_at = UtcMoment(required=True)
    attempts = fields.List(fields.Nested(WebhookTrySchema), required=True)


@api.get("/webhooks/samples")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@api.arguments(SamplesQuery, location="query")
@api.response(200, SamplesSchema)
@api.doc(summary=_l("Webhookの見本（最近の3件まで。まだなければ、例を1件）"))
def webhook_samples(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what the last events of a kind said, or one that is made up."""
    found = samples.of(db.session(), required(caller().company_id), WebhookType(asked["event"]))
    return {"data": [{"id": each.id, **json.loads(each.body)} for each in found]}


@api.get("/webhooks/<int:webhook_id>/messages")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@api.arguments(PageQuery, location="query")
@api.response(200, page_of(WebhookMessageSchema))
@api.doc(summary=_l("Webhookの送信の記録（30日間）"))
def webhook_log(asked: dict[str, Any], webhook_id: int) -> dict[str, Any]:
    """Return a page of what was sent to an address, the newest first."""
    endpoint, cursor = webhook_or_404(webhook_id), checked_cursor(messages.NEWEST_FIRST, asked["cursor"])
    return as_page(messages.log(db.session(), endpoint, after=cursor, limit=asked["limit"]), _as_shown)


@api.post("/webhooks/messages/<int:webhook_message_id>/replay")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@once
@api.response(202, QueuedSchema)
@api.doc(summary=_l("同じ番号のまま、もう一度送る"))
def webhook_replay(webhook_message_id: int) -> Any:
    """Try a message once more; the schedule and the count of failures stay as they are."""
    session = db.session()
    message = messages.find(session, required(caller().company_id), webhook_message_id) or abort(404)
    messages.replay(session, message)
    return message


def _as_shown(logged: LoggedMessage) -> dict[str, Any]:
    message = logged.message
    state = WebhookState.WAITING if message.by_hand else message.state
    named = ("id", "uid", "due_at", "made_at")
    told = {"payload": json.loads(message.body), "state": state, "attempts": logged.attempts}
    return {name: getattr(message, name) for name in named} | told
