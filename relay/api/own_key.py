"""The key that asks: whose it is and what it may do. Automation services try a new key with it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from relay.access.context import caller
from relay.api import api
from relay.extensions import db
from relay.models import ApiScope, Company, Partner


class OwnKeySchema(Schema):
    """A key as it sees itself."""

    organisation = fields.String(required=True, metadata={"description": "slug"})
    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["company", "partner"]})
    scopes = fields.List(fields.String(metadata={"enum": [scope.value for scope in ApiScope]}), required=True)


@api.get("/key")
@api.response(200, OwnKeySchema)
@api.doc(summary=_l("キーの持ち主と、できること"))
def own_key() -> dict[str, Any]:
    """Return whose key it is."""
    asking = caller()
    owner: Company | Partner
    if asking.company_id is not None:
        owner = db.session.get_one(Company, asking.company_id)
    else:
        owner = db.session.get_one(Partner, asking.partner_id)
    return {
        "organisation": owner.slug,
        "name": owner.name,
        "kind": "company" if isinstance(owner, Company) else "partner",
        "scopes": [scope.value for scope in ApiScope if scope in asking.allowed],
    }
