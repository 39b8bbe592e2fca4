"""The mail of a month: stopped at `/report-off/<token>` from the mail itself, switched on the account page.

Looking changes nothing. Mail programs stop it by one POST (RFC 8058), people by a button.
"""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.markers import one_click
from relay.access.permissions import needs
from relay.account import my_account, token_link, token_links
from relay.extensions import db
from relay.insight import month_report
from relay.models import TokenPurpose, User, scopes
from relay.web import done, page

_WHOSE = "account: the member whose mail a link came in"


@token_link.get("/report-off/<token>")
def report_off(token: str) -> Response:
    """Show what stops, with a button."""
    user_id, company_id = _mailed(token)
    is_wanted = month_report.is_wanted(db.session(), company_id, user_id)
    return page("account/report_off.html", token=token, is_wanted=is_wanted)


@token_link.post("/report-off/<token>")
@one_click
def report_off_post(token: str) -> AnyResponse:
    """Stop the mail. A mail program gets a short text, without redirect or cookie."""
    user_id, company_id = _mailed(token)
    month_report.switch(db.session(), company_id, user_id, on=False)
    db.session.commit()
    if request.form.get("List-Unsubscribe") == "One-Click":
        return Response(_("月次レポートは停止しています。"), mimetype="text/plain")
    return redirect(url_for(".report_off", token=token), 303)


@my_account.post("/month-report")
@needs("insights:report")
def month_report_post() -> AnyResponse:
    """Send the member who is signed in the mail of a month, or none any more."""
    on = request.form.get("on") == "1"
    month_report.switch(db.session(), member().company_id, member().user_id, on=on)
    db.session.commit()
    flash(_("月次レポートを再開しました。") if on else _("月次レポートを停止しました。"))
    return done(None, go_to=url_for("my_account.profile"))


def _mailed(token: str) -> tuple[int, int]:
    """Return the member whose mail the link came in, and their company. Raises TokenLinkGone once they left."""
    known = token_links.opened(token, TokenPurpose.MONTH_REPORT)
    works = select(User.id).where(User.id == known.subject_id, User.disabled_at.is_(None))
    with scopes.everyone(db.session(), _WHOSE):
        if db.session.scalars(works).one_or_none() is None:
            raise token_links.TokenLinkGone(token_links.ASK[TokenPurpose.MONTH_REPORT])
    return known.subject_id, scopes.required(known.company_id)
