"""The notice on confidentiality, accepted once at the first login (B-7, 職安法51条)."""

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.markers import GuardPage, before_notice, guard_page
from relay.access.permissions import needs
from relay.account import my_account
from relay.account.login import landing_page
from relay.extensions import db
from relay.identity import users
from relay.web import done, page


@my_account.get("/notice")
@needs("account:use")
@before_notice
@guard_page(GuardPage.NOTICE)
def notice() -> AnyResponse:
    """Show what everyone who sees candidates' data promises to keep."""
    return page("account/notice.html", next=request.args.get("next", ""), accepted=signed_in().accepted_notice)


@my_account.post("/notice")
@needs("account:use")
@before_notice
def notice_post() -> AnyResponse:
    """Accept it, and go on to the page that was wanted."""
    users.accept_notice(db.session(), users.by_id(db.session(), signed_in().user_id))
    db.session.commit()
    flash(_("秘密保持への同意を記録しました。"))
    return done(None, go_to=landing_page(signed_in(), request.form.get("next", "")))
