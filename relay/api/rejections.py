"""Telling results: rejects what is open and queues a mail for each, application by application, with what became of it.

The mail carries the relay link by the one rule there is; nobody can leave it out for a person.
"""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from relay.access.context import caller
from relay.api import api
from relay.api.acts import needs_scope, once
from relay.api.parts import RequestSchema, RowNumber, Truth, UtcMoment, Words
from relay.api.refusals import refuse_contents
from relay.extensions import db
from relay.identity import companies
from relay.models import ApiScope, RejectionReason
from relay.models.scopes import required
from relay.outreach import telling_each, templates
from relay.outreach.results import MAX_RECIPIENTS
from relay.outreach.telling_each import ResultAnswer, ResultWish
from relay.outreach.wording import MAX_REMARK

QUEUED, PRACTICE, REFUSED = "queued", "practice", "refused"


class RejectionSchema(RequestSchema):
    """One application, and what differs for it."""

    application_id = RowNumber(required=True)
    reason = fields.Enum(RejectionReason, by_value=True, load_default=None)
    template = Words(load_default=None)
    remark = Words(load_default="", validate=validate.Length(max=MAX_REMARK))


class RejectionsSchema(RequestSchema):
    """Up to 200 applications, and what holds for all of them."""

    rejections = fields.List(fields.Nested(RejectionSchema), required=True, validate=validate.Length(1, MAX_RECIPIENTS))
    template = Words(required=True, metadata={"description": _l("テンプレートの名前")})
    reason = fields.Enum(RejectionReason, by_value=True, load_default=None)
    send_at = fields.AwareDateTime(
        load_default=None, metadata={"description": _l("送る日時（なければ会社の設定のとおり）")}
    )
    checked = Truth(load_default=False, metadata={"description": _l("気になる書き方や、気をつけたい言葉を確認した")})

    @validates_schema(skip_on_field_errors=True)
    def validate_once(self, asked: dict[str, Any], **_more: Any) -> None:
        """Refuse an application that is named twice."""
        numbers = [each["application_id"] for each in asked["rejections"]]
        if len(set(numbers)) < len(numbers):
            raise ValidationError(str(_l("同じ応募が2回以上あります。")), "rejections")


class ToldSchema(Schema):
    """An application after the act: its mail is queued, or why there is none."""

    application_id = RowNumber(required=True)
    state = fields.String(required=True, metadata={"enum": [QUEUED, PRACTICE, REFUSED]})
    message_id = RowNumber(required=True, allow_none=True)
    due_at = UtcMoment(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)


class ToldPageSchema(Schema):
    """All of them, in the order of the request."""

    data = fields.List(fields.Nested(ToldSchema), required=True)


@api.post("/rejections")
@needs_scope(ApiScope.SEND_RESULTS)
@once
@api.arguments(RejectionsSchema)
@api.response(202, ToldPageSchema)
@api.doc(summary=_l("見送りの結果を、メールで伝える（応募ごとに受け付けます）"))
def rejections(asked: dict[str, Any]) -> dict[str, Any]:
    """Reject and tell each application that can be told; until a mail leaves it can be stopped on the page."""
    session, asking = db.session(), caller()
    texts = {text.name: text for text in templates.choices(session)}
    places = [(["template"], asked["template"])]
    places += [
        (["rejections", str(place), "template"], each["template"])
        for place, each in enumerate(asked["rejections"])
        if each["template"] is not None
    ]
    if faults := [(place, _("この名前のテンプレートはありません。")) for place, name in places if name not in texts]:
        refuse_contents(faults)
    wishes = [
        ResultWish(
            each["application_id"],
            each["reason"] or asked["reason"],
            texts[each["template"] or asked["template"]],
            each["remark"],
        )
        for each in asked["rejections"]
    ]
    told = telling_each.tell_each(
        session,
        companies.by_id(session, required(asking.company_id)),
        wishes,
        by_user_id=asking.user_id,
        due_at=asked["send_at"],
        is_checked=asked["checked"],
    )
    return {"data": [_as_shown(each) for each in told]}


def _as_shown(told: ResultAnswer) -> dict[str, Any]:
    state = REFUSED if told.refused else PRACTICE if told.is_practice else QUEUED
    return {
        "application_id": told.application_id,
        "state": state,
        "message_id": told.message_id,
        "due_at": told.due_at,
        "code": told.refused or None,
    }
