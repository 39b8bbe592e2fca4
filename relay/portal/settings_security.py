"""Settings: whether everybody who signs in for the company needs a second factor (E-5)."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access import fresh, needs
from relay.extensions import db
from relay.identity import second_factor
from relay.portal import portal
from relay.portal.house import own_company
from relay.portal.settings_tabs import tabs
from relay.web import done, page


@portal.get("/settings/security")
@needs("settings:read")
def settings_security() -> Response:
    """What signing in asks for."""
    return page("portal/settings/security.html", company=own_company(), nav_active="settings", views=tabs("security"))


@portal.post("/settings/security")
@needs("settings:write")
@fresh
def settings_security_post() -> AnyResponse:
    """Require a second factor of everybody, or leave it to each."""
    if (wanted := request.form.get("required")) not in {"0", "1"}:
        abort(400)
    second_factor.require(db.session(), own_company(), on=wanted == "1")
    db.session.commit()
    flash(_("二段階認証を必須にしました。") if wanted == "1" else _("二段階認証を、それぞれの判断にしました。"))
    return done(None, go_to=url_for("portal.settings_security"))
