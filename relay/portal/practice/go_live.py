"""Going live: what changes, what must be ready first, and the one button."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.extensions import db
from relay.outreach import readiness
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.web import done, page


@portal.get("/live")
@needs("live:switch")
def go_live() -> Response:
    """Show the checks, and what will be different from then on."""
    return _page()


@portal.post("/live")
@needs("live:switch")
@fresh
def go_live_start() -> AnyResponse:
    """Begin real sending; what is missing is named, and a second factor is enrolled first where it is required."""
    session, me = db.session(), member()
    try:
        readiness.go_live(session, own_company(), by_user_id=me.user_id)
    except readiness.SecondFactorMissing:
        session.rollback()
        return redirect(url_for("my_account.second_factor", next=url_for("portal.go_live")), 303)
    except readiness.NotReady as refused:
        session.rollback()
        return _page(trouble=str(refused), status=409)
    session.commit()
    flash(_("本番の送信を始めました。これから送るメールは、候補者に届きます。"))
    return done(None, go_to=url_for("portal.home"))


def _page(*, trouble: str = "", status: int = 200) -> Response:
    session, company = db.session(), own_company()
    go_live_checks = readiness.go_live_checks(session, company)
    return page(
        "portal/practice/go_live.html",
        status=status,
        company=company,
        go_live_checks=go_live_checks,
        missing=readiness.missing(go_live_checks),
        needs_second_factor=readiness.needs_second_factor(session, company, member().user_id),
        trouble=trouble,
        moment=words()["moment"],
    )
