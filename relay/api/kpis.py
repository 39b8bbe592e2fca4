"""The numbers of two years as the feed tells them, with the same thresholds: counts of months, and nobody's data."""

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from relay.api import api
from relay.api.acts import needs_scope
from relay.api.parts import UtcMoment
from relay.api.refusals import NumbersNotCounted
from relay.extensions import db
from relay.kpis import feed_rows
from relay.models import ApiScope, CaseKind


class KpiSchema(Schema):
    """The number of cases of a kind and key that fall into a month."""

    month = fields.Date(required=True, metadata={"description": _l("その月の1日")})
    kind = fields.Enum(CaseKind, by_value=True, required=True)
    label = fields.String(required=True)
    key = fields.String(required=True)
    count = fields.Integer(required=True)


class KpisSchema(Schema):
    """All of them, and the moment that they are of."""

    as_of = UtcMoment(required=True)
    data = fields.List(fields.Nested(KpiSchema), required=True)


@api.get("/kpis")
@needs_scope(ApiScope.READ_NUMBERS)
@api.response(200, KpisSchema)
@api.doc(summary=_l("採用の数字（月ごと、2年分）"))
def kpis() -> dict[str, Any]:
    """Return the counts of every month."""
    try:
        found = feed_rows.read_back(db.session())
    except feed_rows.NotCountedYet as awaited:
        raise NumbersNotCounted from awaited
    return {"as_of": found.as_of, "data": found.rows}
