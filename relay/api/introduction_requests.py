"""Requests for introductions: each with whose turn it is, and a new one, which sets a credit aside."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from relay.access.context import caller
from relay.api import api
from relay.api.acts import needs_scope, once
from relay.api.parts import PageQuery, RequestSchema, RowNumber, UtcMoment, Words, as_page, checked_cursor, page_of
from relay.api.refusals import refuse_contents
from relay.extensions import db
from relay.introductions import lists, requests
from relay.introductions.guarantees import Guarantee
from relay.introductions.lists import RequestStanding
from relay.introductions.standing import PartnerMayNotIntroduce, honouring
from relay.models import ApiScope, GuaranteeKind, IntroductionRequest, IntroductionState, MeetingForm
from relay.models.introductions import MAX_MEETS_WITH
from relay.models.keyset import newest
from relay.models.scopes import required

_CURSORS = newest(IntroductionRequest.id)


class GuaranteeSchema(Schema):
    """The interview that is guaranteed."""

    kind = fields.Enum(GuaranteeKind, by_value=True, required=True)
    meets_with = fields.String(required=True)
    minutes = fields.Integer(required=True)
    form = fields.Enum(MeetingForm, by_value=True, required=True)


class IntroductionRequestSchema(Schema):
    """A request as the company sees it."""

    id = RowNumber(required=True)
    position_id = RowNumber(required=True)
    title = fields.String(required=True)
    partner_id = RowNumber(required=True)
    partner = fields.String(required=True)
    state = fields.Enum(IntroductionState, by_value=True, required=True)
    turn = fields.String(required=True, metadata={"description": _l("誰の番か")})
    due_on = fields.Date(required=True, allow_none=True)
    starts_at = UtcMoment(required=True, allow_none=True)
    guarantee = fields.Nested(GuaranteeSchema, required=True)
    made_at = UtcMoment(required=True)
    ended_at = UtcMoment(required=True, allow_none=True)


class NewGuaranteeSchema(RequestSchema):
    """The interview that is to be guaranteed."""

    kind = fields.Enum(GuaranteeKind, by_value=True, required=True)
    meets_with = Words(required=True, validate=validate.Length(1, MAX_MEETS_WITH))
    minutes = fields.Integer(required=True, strict=True)
    form = fields.Enum(MeetingForm, by_value=True, required=True)


class NewIntroductionRequestSchema(RequestSchema):
    """A position, the interview that is guaranteed, and the agency, where more than one takes credits."""

    position_id = RowNumber(required=True)
    partner_id = RowNumber(load_default=None, metadata={"description": _l("紹介会社が1社だけなら、なくてもよい")})
    guarantee = fields.Nested(NewGuaranteeSchema, required=True)


class RequestedSchema(Schema):
    """The request that was made."""

    id = RowNumber(required=True)
    state = fields.Enum(IntroductionState, by_value=True, required=True)


@api.get("/introduction-requests")
@needs_scope(ApiScope.READ_NUMBERS)
@api.arguments(PageQuery, location="query")
@api.response(200, page_of(IntroductionRequestSchema))
@api.doc(summary=_l("紹介の依頼"))
def introduction_requests(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of requests, the newest first."""
    cursor = checked_cursor(_CURSORS, asked["cursor"])
    return as_page(lists.page_of(db.session(), after=cursor, limit=asked["limit"]), _as_shown)


@api.post("/introduction-requests")
@needs_scope(ApiScope.REQUEST_INTRODUCTIONS)
@once
@api.arguments(NewIntroductionRequestSchema)
@api.response(201, RequestedSchema)
@api.doc(summary=_l("紹介枠を1件確保して、紹介を依頼する"))
def introduction_request(asked: dict[str, Any]) -> Any:
    """Set a credit aside and ask the agency."""
    session, asking = db.session(), caller()
    company_id = required(asking.company_id)
    return requests.request(
        session,
        company_id,
        asked["position_id"],
        asked["partner_id"] or _only_partner(company_id),
        Guarantee(**asked["guarantee"]),
        by_user_id=asking.user_id,
    )


def _only_partner(company_id: int) -> int:
    """Return the one agency that takes credits; 422 where there are several. Raises PartnerMayNotIntroduce."""
    taking = honouring(db.session(), company_id)
    if not taking:
        raise PartnerMayNotIntroduce
    if len(taking) > 1:
        refuse_contents([(["partner_id"], _("依頼できる紹介会社が2社以上あります。1社を指定してください。"))])
    return taking[0].id


def _as_shown(standing: RequestStanding) -> dict[str, Any]:
    asked = standing.request
    named = ("id", "position_id", "title", "partner_id", "state", "due_on", "made_at", "ended_at")
    told = {"partner": standing.partner, "turn": standing.turn, "starts_at": standing.starts_at}
    guarantee = Guarantee.of(asked)
    return {name: getattr(asked, name) for name in named} | told | {"guarantee": guarantee}
