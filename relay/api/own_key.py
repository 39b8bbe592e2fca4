"""The key that asks: whose it is and what it may do. Automation services try a new key with it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy import select

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
    own = select(Company).where(Company.id == asking.company_id)
    theirs = select(Partner).where(Partner.id == asking.partner_id)
    owner: Company | Partner = db.session.scalars(own if asking.company_id is not None else theirs).one()
    return {
        "organisation": owner.slug,
        "name": owner.name,
        "kind": "company" if isinstance(owner, Company) else "partner",
        "scopes": [scope.value for scope in ApiScope if scope in asking.allowed],
    }
