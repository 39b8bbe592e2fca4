"""Free introductions (紹介枠): how many there are, how far the next is, and every line of the ledger."""

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from relay.access.context import caller
from relay.api import api
from relay.api.acts import needs_scope
from relay.api.parts import PageQuery, UtcMoment, as_page, checked_cursor
from relay.extensions import db
from relay.models import ApiScope, CreditEntry, CreditKind
from relay.models.keyset import newest
from relay.models.scopes import required
from relay.network import credits as ledger
from relay.network.credits import StatementLine

_CURSORS = newest(CreditEntry.sequence)


class CreditLineSchema(Schema):
    """A line of the ledger; none ever changes."""

    number = fields.Integer(required=True)
    kind = fields.Enum(CreditKind, by_value=True, required=True)
    amount = fields.Integer(required=True)
    free = fields.Integer(required=True)
    set_aside = fields.Integer(required=True)
    at = UtcMoment(required=True)
    referrals = fields.List(fields.Integer(), required=True)


class CreditsSchema(Schema):
    """The numbers of now, and a page of lines, the newest first."""

    free = fields.Integer(required=True)
    set_aside = fields.Integer(required=True)
    referrals = fields.Integer(required=True, metadata={"description": _l("リレー完了の数（無効を除く）")})
    to_next = fields.Integer(required=True, metadata={"description": _l("次の紹介枠までの数")})
    data = fields.List(fields.Nested(CreditLineSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@api.get("/credits")
@needs_scope(ApiScope.READ_NUMBERS)
@api.arguments(PageQuery, location="query")
@api.response(200, CreditsSchema)
@api.doc(summary=_l("紹介枠の残りと、その記録"))
def credits(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the meter and a page of the statement."""
    session, company_id, cursor = db.session(), required(caller().company_id), checked_cursor(_CURSORS, asked["cursor"])
    meter = ledger.meter(session, company_id)
    statement = ledger.statement(session, company_id, after=cursor, limit=asked["limit"])
    return as_page(statement, _as_shown) | {
        "free": meter.free,
        "set_aside": ledger.set_aside_credits(session, company_id),
        "referrals": meter.total,
        "to_next": meter.to_next,
    }


def _as_shown(line: StatementLine) -> dict[str, Any]:
    named = ("kind", "amount", "set_aside", "at")
    own = {"number": line.sequence, "free": line.balance, "referrals": line.numbers}
    return {name: getattr(line, name) for name in named} | own
