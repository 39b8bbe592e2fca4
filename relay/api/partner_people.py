"""People who agreed to be seen by the key's partner: the list without names, and one record, which is a provision.

A program reads what its desk shows at this very request, and nothing else (invariants 4 and 5; A-7). The list goes by
the moment of registration: a person who comes again through another company is at its top again. Nobody is looked for
by words here: thousands of questions would tell who has them, and no record would say so.
"""

from datetime import date
from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l
from htmx_flask import request
from marshmallow import Schema, fields

from relay.access.context import caller
from relay.access.markers import writes
from relay.api import api
from relay.api.acts import needs_scope
from relay.api.parts import PageQuery, UtcMoment, as_page, checked_cursor, page_of
from relay.extensions import db
from relay.models import ApiScope
from relay.models.scopes import required
from relay.network import finding, placement, sharing
from relay.network.consent_texts import RecipientPurpose
from relay.network.finding import PeopleQuery, PersonRow
from relay.network.profiles import ITEMS
from relay.network.sharing import SharedPerson
from relay.tokens import parse_code

_FIRST, _LAST = date(2000, 1, 1), date(2999, 12, 31)
"""Days outside of which nobody registered."""
_MAX_CODE = 20
"""Letters of a reference as it may be written, with spaces or hyphens."""
_CODE = {
    "in": "path",
    "name": "code",
    "required": True,
    "description": _l("照会番号"),
    "schema": {"type": "string", "minLength": 1, "maxLength": _MAX_CODE},
}


class ListedPersonSchema(Schema):
    """A person in the list: reference, role, place and days."""

    code = fields.String(required=True, metadata={"description": _l("照会番号")})
    desired_role = fields.String(required=True)
    place = fields.String(required=True)
    registered_at = UtcMoment(required=True, metadata={"description": _l("登録日時")})
    as_of = fields.Date(required=True, metadata={"description": _l("この日の時点の内容")})


class SourceSchema(Schema):
    """The company through which a person came (A-17)."""

    name = fields.String(required=True)
    address = fields.String(required=True)
    representative = fields.String(required=True)
    registered_at = UtcMoment(required=True, attribute="since")


class SharedPersonSchema(ListedPersonSchema):
    """A person as they agreed to be known by the partner; what they did not agree to is empty."""

    name = fields.String(required=True)
    kana = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    experience = fields.String(required=True)
    items = fields.List(
        fields.String(metadata={"enum": list(ITEMS)}),
        required=True,
        metadata={"description": _l("同意された項目")},
    )
    until = UtcMoment(required=True, metadata={"description": _l("同意の期限")})
    purposes = fields.List(
        fields.String(metadata={"enum": [each.value for each in RecipientPurpose]}),
        required=True,
        metadata={"description": _l("利用目的")},
    )
    wording_version = fields.String(required=True, metadata={"description": _l("同意文の版")})
    sources = fields.List(fields.Nested(SourceSchema), required=True, metadata={"description": _l("案内を送った企業")})


class PeopleQuerySchema(PageQuery):
    """The people who are asked for, by the day of their registration in Japan."""

    registered_from = fields.Date(load_default=None, metadata={"description": _l("この日からの登録（日本の日付）")})
    registered_to = fields.Date(load_default=None, metadata={"description": _l("この日までの登録（日本の日付）")})


@api.get("/partner/people")
@needs_scope(ApiScope.READ_SHARED)
@api.arguments(PeopleQuerySchema, location="query")
@api.response(200, page_of(ListedPersonSchema))
@api.doc(summary=_l("自社への提供に同意した方の一覧"))
def partner_people(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the people whom the partner sees now, the newest first."""
    wanted = PeopleQuery(first=_within(asked["registered_from"]), last=_within(asked["registered_to"]))
    cursor = checked_cursor(finding.NEWEST_FIRST, asked["cursor"])
    return as_page(finding.find(db.session(), wanted, after=cursor, limit=asked["limit"]), _as_listed)


@api.get("/partner/people/<code>")
@needs_scope(ApiScope.READ_SHARED)
@writes
@api.response(200, SharedPersonSchema)
@api.doc(summary=_l("同意した方の、同意された項目（提供の記録に残ります）"), parameters=[_CODE])
def partner_person(code: str) -> dict[str, Any]:
    """Return one record; the reading is written down before, and HEAD reads nothing."""
    session = db.session()
    canonical = (parse_code(code) if len(code) <= _MAX_CODE else None) or abort(404)
    try:
        person = sharing.read_person(session, canonical, caller().key_id)
    except sharing.Gone:
        if not sharing.was_shared(session, canonical):
            abort(404)
        raise
    answer = _as_shown(person)
    if request.method == "GET":
        session.commit()
    return answer


def _within(day: date | None) -> date | None:
    return day and min(max(day, _FIRST), _LAST)


def _as_listed(row: PersonRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "desired_role": row.role,
        "place": row.place,
        "registered_at": row.since,
        "as_of": row.as_of,
    }


def _as_shown(person: SharedPerson) -> dict[str, Any]:
    shown = placement.shown_purposes(db.session(), required(caller().partner_id), person.purpose)
    named = ("code", *ITEMS, "items", "as_of", "until", "sources")
    return {name: getattr(person, name) for name in named} | {
        "registered_at": person.since,
        "wording_version": person.version,
        "purposes": [each.value for each in shown],
    }
