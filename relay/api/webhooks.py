"""Addresses for webhooks, by the verbs of their page. Automation services subscribe by POST and leave by DELETE.

A secret is in the answer that made it and in no other (D-4). If it is lost, the address is removed and added again.
"""

from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from relay.access.context import caller
from relay.api import api
from relay.api.acts import commits, needs_scope, once, once_without
from relay.api.candidate_changes import ChangedSchema
from relay.api.parts import RequestSchema, RowNumber, Truth, UtcMoment, Words
from relay.connect.webhooks import endpoints, messages
from relay.extensions import db
from relay.models import ApiScope, WebhookEndpoint, WebhookStop
from relay.models.scopes import required
from relay.models.webhooks import MAX_WEBHOOK_URL

EVENTS = [kind.value for kind in endpoints.CHOICES]


def _event() -> Words:
    return Words(validate=validate.OneOf(EVENTS))


class WebhookSchema(Schema):
    """An address with the events that are sent there."""

    id = RowNumber(required=True)
    url = fields.String(required=True)
    events = fields.List(
        fields.String(metadata={"enum": EVENTS}),
        required=True,
        attribute="types",
        metadata={"description": _l("知らせるできごと")},
    )
    enabled = fields.Boolean(required=True, metadata={"description": _l("いま送っているか")})
    stopped_as = fields.Enum(WebhookStop, by_value=True, required=True, allow_none=True)
    stopped_at = UtcMoment(required=True, allow_none=True)
    made_at = UtcMoment(required=True)


class WebhooksSchema(Schema):
    """All addresses of a company: there are few."""

    data = fields.List(fields.Nested(WebhookSchema), required=True)


class NewWebhookSchema(RequestSchema):
    """An address to be added, and the events that are to be sent there."""

    url = Words(
        required=True, validate=validate.Length(1, MAX_WEBHOOK_URL), metadata={"description": _l("送り先のURL")}
    )
    events = fields.List(
        _event(), required=True, validate=validate.Length(1), metadata={"description": _l("知らせるできごと")}
    )


class WebhookMadeSchema(Schema):
    """The address that was added, with its secret."""

    id = RowNumber(required=True)
    secret = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": _l("署名のシークレット（追加したときの応答だけにあり、送り直しの応答ではnull）")},
    )


class WebhookChangeSchema(RequestSchema):
    """The parts that are to have another value; all others stay."""

    url = Words(validate=validate.Length(1, MAX_WEBHOOK_URL), metadata={"description": _l("送り先のURL")})
    events = fields.List(_event(), validate=validate.Length(1), metadata={"description": _l("知らせるできごと")})
    enabled = Truth(metadata={"description": _l("falseは停止、trueは再開（停止中のできごとは、再開すると送る）")})


class QueuedSchema(Schema):
    """The message that is sent in a moment; its log tells what came of it."""

    id = RowNumber(required=True)


@api.get("/webhooks")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@api.response(200, WebhooksSchema)
@api.doc(summary=_l("Webhookの送り先"))
def webhooks() -> dict[str, Any]:
    """Return all addresses, the newest first."""
    return {"data": endpoints.living(db.session(), required(caller().company_id))[::-1]}


@api.post("/webhooks")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@once_without("secret")
@api.arguments(NewWebhookSchema)
@api.response(201, WebhookMadeSchema)
@api.doc(summary=_l("Webhookの送り先を追加する（シークレットは一度だけ返します）"))
def webhook_new(asked: dict[str, Any]) -> dict[str, Any]:
    """Add an address."""
    asking = caller()
    company_id = required(asking.company_id)
    made = endpoints.add(db.session(), company_id, asked["url"], asked["events"], by_user_id=asking.user_id)
    return {"id": made.endpoint.id, "secret": made.secret}


@api.patch("/webhooks/<int:webhook_id>")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@commits
@api.arguments(WebhookChangeSchema)
@api.response(200, ChangedSchema)
@api.doc(summary=_l("Webhookの送り先を変更する、停止する、再開する"))
def webhook_change(asked: dict[str, Any], webhook_id: int) -> dict[str, Any]:
    """Send elsewhere, or other events; stop, and take up again."""
    session, endpoint = db.session(), webhook_or_404(webhook_id)
    session.refresh(endpoint, with_for_update=True)
    before = WebhookSchema().dump(endpoint)
    endpoints.change(session, endpoint, asked.get("url", endpoint.url), asked.get("events", endpoint.types))
    if "enabled" in asked:
        (endpoints.resume if asked["enabled"] else endpoints.stop)(session, endpoint)
    after = WebhookSchema().dump(endpoint)
    return {"id": webhook_id, "changed": [name for name in ("url", "events", "enabled") if before[name] != after[name]]}


@api.delete("/webhooks/<int:webhook_id>")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@commits
@api.response(204)
@api.doc(summary=_l("Webhookの送り先を、送信の記録とともに削除する"))
def webhook_removal(webhook_id: int) -> str:
    """Remove an address with its log."""
    endpoints.remove(db.session(), webhook_or_404(webhook_id))
    return ""


@api.post("/webhooks/<int:webhook_id>/test")
@needs_scope(ApiScope.MANAGE_WEBHOOKS)
@once
@api.response(202, QueuedSchema)
@api.doc(summary=_l("テストを送る（停止中の送り先にも送ります）"))
def webhook_test(webhook_id: int) -> Any:
    """Send a message that says nothing."""
    return messages.send_test(db.session(), webhook_or_404(webhook_id))


def webhook_or_404(webhook_id: int) -> WebhookEndpoint:
    """Return an address of the key's company; else 404."""
    return endpoints.find(db.session(), required(caller().company_id), webhook_id) or abort(404)
