"""Requests for an introduction to the key's partner, as the pages of its desk tell them.

No person is in it, and of the end of a request no more than the desk is told.
"""

from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from relay.api import api
from relay.api.acts import needs_scope
from relay.api.introduction_requests import GuaranteeSchema
from relay.api.parts import PageQuery, RowNumber, UtcMoment, as_page, checked_cursor, page_of
from relay.extensions import db
from relay.introductions import for_partners
from relay.introductions.for_partners import STATE_NAMES, AskedLine
from relay.models import ApiScope


class AskedLineSchema(Schema):
    """A request in the list: by whom, for which position, and how far it is."""

    id = RowNumber(required=True, metadata={"description": _l("紹介リンクを作成するときのrequest_id")})
    company = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": _l("求人の名前")})
    state = fields.String(
        required=True,
        metadata={
            "enum": sorted(set(STATE_NAMES.values())),
            "description": _l("openは紹介会社、offeredはご本人の番（選考の結果や、企業が終えた理由はない）"),
        },
    )
    due_on = fields.Date(required=True, allow_none=True, metadata={"description": _l("いまの番の期限")})
    made_at = UtcMoment(required=True)


class PostingLineSchema(Schema):
    """One item of the posting."""

    label = fields.String(required=True)
    text = fields.String(required=True)


class AskedLinkSchema(Schema):
    """The live link that was made for a request; its address is told once, by the answer that made it."""

    made_at = UtcMoment(required=True)
    made_by = fields.String(required=True)
    licence_number = fields.String(required=True)
    until = fields.Date(required=True)


class AskedRequestSchema(AskedLineSchema):
    """A request in full, as it was made, with the partner's own answer."""

    posting = fields.List(fields.Nested(PostingLineSchema), required=True, metadata={"description": _l("求人の内容")})
    guarantee = fields.Nested(GuaranteeSchema, required=True)
    promises_broken = fields.Integer(
        required=True, metadata={"description": _l("この企業の、約束どおりでなかった面談の件数")}
    )
    declined_for = fields.String(required=True, metadata={"description": _l("見合わせた理由（なければ空）")})
    advice = fields.String(required=True, metadata={"description": _l("見合わせたときのひとこと")})
    link = fields.Nested(AskedLinkSchema, required=True, allow_none=True)


@api.get("/partner/introduction-requests")
@needs_scope(ApiScope.WRITE_OUTCOMES)
@api.arguments(PageQuery, location="query")
@api.response(200, page_of(AskedLineSchema))
@api.doc(summary=_l("自社への紹介の依頼"))
def partner_introduction_requests(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of requests, the newest first."""
    cursor = checked_cursor(for_partners.NEWEST_FIRST, asked["cursor"])
    return as_page(for_partners.listed_by_age(db.session(), after=cursor, limit=asked["limit"]), _as_listed)


@api.get("/partner/introduction-requests/<int:request_id>")
@needs_scope(ApiScope.WRITE_OUTCOMES)
@api.response(200, AskedRequestSchema)
@api.doc(summary=_l("紹介の依頼の内容"))
def partner_introduction_request(request_id: int) -> dict[str, Any]:
    """Return one request; 404 where the partner was not asked."""
    found = for_partners.asked(db.session(), request_id) or abort(404)
    named = ("guarantee", "promises_broken", "declined_for", "advice", "link")
    posting = [{"label": label, "text": text} for label, text in found.posting]
    return _as_listed(found.line) | {name: getattr(found, name) for name in named} | {"posting": posting}


def _as_listed(line: AskedLine) -> dict[str, Any]:
    named = ("id", "company", "title", "made_at")
    told = {"state": STATE_NAMES[line.state], "due_on": line.due_on if line.waits else None}
    return {name: getattr(line, name) for name in named} | told
