"""`/alerts-off/<token>`: a member stops one alert or the mail of a day from the mail itself, without signing in.

Looking changes nothing. Mail programs stop the mail of a day by one POST (RFC 8058), people by a button.
"""

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.markers import one_click
from relay.account import token_link, token_links
from relay.extensions import db
from relay.insight import alerts
from relay.models import TokenPurpose, User, scopes
from relay.text import whole_number
from relay.web import page

_WHOSE = "account: the member whose mail a link came in"


@token_link.get("/alerts-off/<token>")
def alerts_off(token: str) -> Response:
    """Show what this member is told of, with a button for each and one for all mails."""
    user_id, company_id = _mailed(token)
    session = db.session()
    with scopes.company(session, company_id):
        return page(
            "account/alerts_off.html",
            token=token,
            followed=alerts.followed(session, user_id),
            gets_mail=alerts.gets_mail(session, user_id),
        )


@token_link.post("/alerts-off/<token>")
@one_click
def alerts_off_post(token: str) -> AnyResponse:
    """Stop the alert that is named, else every mail. A mail program gets a short text, without redirect or cookie."""
    user_id, company_id = _mailed(token)
    session, program = db.session(), request.form.get("List-Unsubscribe") == "One-Click"
    with scopes.company(session, company_id):
        alert_id = whole_number(request.form.get("alert_id", ""))
        if alert_id is not None and not program:
            alerts.unfollow(session, company_id, user_id, alert_id)
        else:
            alerts.set_mail(session, company_id, user_id, on=False)
    session.commit()
    if program:
        return Response(_("お知らせのメールを止めました。"), mimetype="text/plain")
    return redirect(url_for(".alerts_off", token=token), 303)


def _mailed(token: str) -> tuple[int, int]:
    """Return the member whose mail the link came in, and their company. Raises TokenLinkGone once they left."""
    known = token_links.opened(token, TokenPurpose.ALERTS)
    works = select(User.id).where(User.id == known.subject_id, User.disabled_at.is_(None))
    with scopes.everyone(db.session(), _WHOSE):
        if db.session.scalars(works).one_or_none() is None:
            raise token_links.TokenLinkGone(token_links.ASK[TokenPurpose.ALERTS])
    return known.subject_id, scopes.required(known.company_id)
