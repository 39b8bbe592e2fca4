"""Settings: the company's API keys, made, shown once, and revoked."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.connect import keys
from relay.connect.keys import MAX_KEYS, KeyOwner
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.forms.api_keys import ApiKeyForm
from relay.models import User
from relay.models.names import names_by_id
from relay.portal import portal
from relay.portal.ui.labels import long_day
from relay.text import whole_number
from relay.web import done, page


@portal.get("/settings/api-keys")
@needs("settings:write")
def settings_api_keys() -> Response:
    """Show the keys, and a form for one more."""
    return _page(ApiKeyForm(None))


@portal.post("/settings/api-keys")
@needs("settings:write")
@fresh
def settings_api_key_make() -> Response:
    """Make a key and show it, this once."""
    form, session, by = ApiKeyForm().offering(_own()), db.session(), member()
    if not form.validate():
        return _page(form, status=422)
    try:
        key = keys.make(
            session,
            _own(),
            form.name.data,
            form.allowed.data,
            by_user_id=by.user_id,
            expires_on=form.expires_on,
            live=settings().https,
        )
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, status=422)
    session.commit()
    return _page(ApiKeyForm(None), made=key)


@portal.post("/settings/api-keys/revoke")
@needs("settings:write")
def settings_api_key_revoke() -> AnyResponse:
    """Revoke a key at once. One that opens nothing any more is revoked already."""
    key_id = whole_number(request.form.get("key", "")) or 0
    name = keys.revoke(db.session(), _own(), key_id, by_user_id=member().user_id)
    db.session.commit()
    if name is not None:
        flash(_("「%(name)s」のAPIキーを無効にしました。次の通信から、何もできません。", name=name))
    return done(None, go_to=url_for("portal.settings_api_keys"))


def _own() -> KeyOwner:
    return KeyOwner(company_id=member().company_id)


def _page(form: ApiKeyForm, *, made: str = "", status: int = 200) -> Response:
    session = db.session()
    there = keys.living(session, _own())
    return page(
        "portal/settings/api_keys.html",
        status=status,
        form=form.offering(_own()),
        made=made,
        keys=there,
        makers=names_by_id(session, User.name, (each.made_by_user_id for each in there)),
        most=MAX_KEYS,
        long_day=long_day,
        today=clock.today(),
    )
