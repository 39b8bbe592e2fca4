"""Completed referrals: the number and the day of each, as the ledger names them, and nothing of the person (A-45)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy import select

from relay import clock
from relay.api import api
from relay.api.acts import needs_scope
from relay.api.parts import PageQuery, as_page, checked_cursor, page_of
from relay.extensions import db
from relay.models import ApiScope, Referral
from relay.models.keyset import newest

_NEWEST = newest(Referral.number)


class ReferralSchema(Schema):
    """A completed referral, which counts unless it was voided."""

    number = fields.Integer(required=True)
    completed_on = fields.Date(required=True)
    voided = fields.Boolean(required=True)


@api.get("/referrals")
@needs_scope(ApiScope.READ_NUMBERS)
@api.arguments(PageQuery, location="query")
@api.response(200, page_of(ReferralSchema))
@api.doc(summary=_l("リレー完了（番号と日付）"))
def referrals(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of completed referrals, the newest first."""
    cursor = checked_cursor(_NEWEST, asked["cursor"])
    return as_page(_NEWEST.page(db.session(), select(Referral), _as_shown, after=cursor, limit=asked["limit"]))


def _as_shown(referral: Referral) -> dict[str, Any]:
    return {
        "number": referral.number,
        "completed_on": referral.completed_at.astimezone(clock.JAPAN).date(),
        "voided": referral.voided_at is not None,
    }
