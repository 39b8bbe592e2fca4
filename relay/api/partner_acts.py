"""Writing by a partner: outcomes of people, introduction links, and that it deleted its copies (D-15).

In the name of the person who answers for the key, as on the partner's own pages.
"""

from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from relay.access.context import caller
from relay.api import api
from relay.api.acts import commits, needs_scope, once, once_without
from relay.api.parts import RequestSchema, RowNumber, Truth, Words
from relay.extensions import db, settings
from relay.introductions import for_partners, links
from relay.introductions.for_partners import MAY_NOT_INTRODUCE, AskedRequest
from relay.introductions.standing import PartnerMayNotIntroduce, RequestOver
from relay.models import ApiScope, OutcomeKind, PartnerKind
from relay.models.scopes import required
from relay.network import ended_references, outcomes, sharing
from relay.tokens import parse_code

_TOLD = sorted({kind.value for partner in PartnerKind for kind in OutcomeKind.of(partner)})


class OutcomeAskedSchema(RequestSchema):
    """A word about what became of a person; `so` false takes back the word before."""

    code = Words(required=True, metadata={"description": _l("照会番号")})
    kind = Words(required=True, metadata={"description": _l("その後の種類"), "enum": _TOLD})
    so = Truth(load_default=True, metadata={"description": _l("falseは、前に伝えたことの取り消し")})


class OutcomeToldSchema(OutcomeAskedSchema):
    """The word as it is in force, and whether it said anything new."""

    new = fields.Boolean(required=True, metadata={"description": _l("新しく記録したか")})


class LinkAskedSchema(RequestSchema):
    """The request that a person is chosen for."""

    request_id = RowNumber(required=True, metadata={"description": _l("紹介の依頼の番号")})


class LinkMadeSchema(LinkAskedSchema):
    """The link to send to that person; it is told once, and null where the request for it is sent again."""

    url = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": _l("紹介リンク（作成したときの応答だけにあり、送り直しの応答ではnull）")},
    )
    until = fields.Date(required=True, metadata={"description": _l("ご本人が希望できる最後の日")})


class DeletionAskedSchema(RequestSchema):
    """The reference of a person whose copies are deleted."""

    code = Words(required=True, metadata={"description": _l("照会番号")})


class DeletionAnsweredSchema(DeletionAskedSchema):
    """How many requests to delete this answered; 0 where there was none, or it was answered before."""

    answered = fields.Integer(
        required=True, metadata={"description": _l("答えた件数（すでに答えたか、求めがなければ0）")}
    )


@api.post("/partner/outcomes")
@needs_scope(ApiScope.WRITE_OUTCOMES)
@once
@api.arguments(OutcomeAskedSchema)
@api.response(200, OutcomeToldSchema)
@api.doc(summary=_l("その後を伝える、取り消す"))
def partner_outcomes(asked: dict[str, Any]) -> dict[str, Any]:
    """Add the partner's word about a person whom it sees now."""
    session, code = db.session(), parse_code(asked["code"]) or abort(404)
    try:
        profile_id = sharing.hold(session, code)
    except sharing.Gone:
        if not sharing.was_shared(session, code):
            abort(404)
        raise
    so = asked["so"]
    new = outcomes.tell(session, _partner_id(), profile_id, asked["kind"], so=so, by_user_id=caller().user_id)
    return {"code": code, "kind": asked["kind"], "so": so, "new": new}


@api.post("/partner/introduction-links")
@needs_scope(ApiScope.WRITE_OUTCOMES)
@once_without("url")
@api.arguments(LinkAskedSchema)
@api.response(201, LinkMadeSchema)
@api.doc(summary=_l("紹介リンクを作成する（アドレスは一度だけ返します）"))
def partner_introduction_links(asked: dict[str, Any]) -> dict[str, Any]:
    """Make the one live link of a request."""
    request_id = asked["request_id"]
    of = {"partner_id": _partner_id(), "by_user_id": caller().user_id}
    try:
        token = links.make_link(db.session(), _asked(request_id).company_id, request_id, **of)
    except PartnerMayNotIntroduce:
        raise PartnerMayNotIntroduce(MAY_NOT_INTRODUCE) from None
    url = f"{settings().base_url}/introductions/{token}"
    return {"request_id": request_id, "url": url, "until": _asked(request_id).line.due_on}


@api.delete("/partner/introduction-links/<int:request_id>")
@needs_scope(ApiScope.WRITE_OUTCOMES)
@commits
@api.response(204)
@api.doc(summary=_l("有効な紹介リンクを取り消す"))
def partner_introduction_link(request_id: int) -> str:
    """Close the live link of a request at once; where it is closed already nothing changes."""
    asked = _asked(request_id)
    closed = links.take_back(db.session(), asked.company_id, request_id, partner_id=_partner_id())
    if not closed and not _asked(request_id).is_turn:
        raise RequestOver
    return ""


@api.post("/partner/deletions")
@needs_scope(ApiScope.WRITE_OUTCOMES)
@once
@api.arguments(DeletionAskedSchema)
@api.response(200, DeletionAnsweredSchema)
@api.doc(summary=_l("消去の求めに、消去したと答える"))
def partner_deletions(asked: dict[str, Any]) -> dict[str, Any]:
    """Note that what was kept of a person whom the partner sees no more is deleted."""
    code = parse_code(asked["code"]) or abort(404)
    answered = ended_references.answer(db.session(), _partner_id(), code, by_user_id=caller().user_id)
    return {"code": code, "answered": answered}


def _partner_id() -> int:
    return required(caller().partner_id)


def _asked(request_id: int) -> AskedRequest:
    return for_partners.asked(db.session(), request_id) or abort(404)
