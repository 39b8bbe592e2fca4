"""Whether everybody who signs in for a partner needs a second factor (E-5); its agents decide it for their house."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access import fresh, needs
from relay.account import own
from relay.account.partner_joining import own_partner
from relay.extensions import db
from relay.identity import second_factor
from relay.web import done, page


@own.get("/security")
@needs("house:write")
def partner_security() -> Response:
    """What signing in for the partner asks for."""
    return page("account/partner_security.html", partner=own_partner())


@own.post("/security")
@needs("house:write")
@fresh
def partner_security_post() -> AnyResponse:
    """Require a second factor of every colleague, or leave it to each."""
    if (wanted := request.form.get("required")) not in {"0", "1"}:
        abort(400)
    second_factor.require(db.session(), own_partner(), on=wanted == "1")
    db.session.commit()
    flash(_("二段階認証を必須にしました。") if wanted == "1" else _("二段階認証を、それぞれの判断にしました。"))
    return done(None, go_to=url_for("own.partner_security"))
