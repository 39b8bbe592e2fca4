"""An agent's mail of the morning: stopped at `/morning-off/<token>` from the mail itself, switched on the account page.

Looking changes nothing. Mail programs stop it by one POST (RFC 8058), people by a button.
"""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent
from relay.access.markers import one_click
from relay.access.permissions import needs
from relay.account import my_account, token_link, token_links
from relay.extensions import db
from relay.models import TokenPurpose, User, scopes
from relay.network import morning
from relay.web import done, page

_WHOSE = "account: the agent whose mail a link came in"


@token_link.get("/morning-off/<token>")
def morning_off(token: str) -> Response:
    """Show what stops, with a button."""
    partner_id, user_id = _mailed(token)
    session = db.session()
    with scopes.partner(session, partner_id):
        return page("account/morning_off.html", token=token, is_wanted=morning.is_wanted(session, user_id))


@token_link.post("/morning-off/<token>")
@one_click
def morning_off_post(token: str) -> AnyResponse:
    """Stop the mail. A mail program gets a short text, without redirect or cookie."""
    partner_id, user_id = _mailed(token)
    session = db.session()
    with scopes.partner(session, partner_id):
        morning.switch(session, partner_id, user_id, on=False)
    session.commit()
    if request.form.get("List-Unsubscribe") == "One-Click":
        return Response(_("朝のメールは停止しています。"), mimetype="text/plain")
    return redirect(url_for(".morning_off", token=token), 303)


@my_account.post("/morning-mail")
@needs("people:read")
def morning_mail_post() -> AnyResponse:
    """Send the agent who is signed in the mail of the morning, or none any more."""
    on = request.form.get("on") == "1"
    session, mine = db.session(), agent()
    with scopes.partner(session, mine.partner_id):
        morning.switch(session, mine.partner_id, mine.user_id, on=on)
    session.commit()
    flash(_("朝のメールを再開しました。") if on else _("朝のメールを停止しました。"))
    return done(None, go_to=url_for("my_account.profile"))


def _mailed(token: str) -> tuple[int, int]:
    """Return the partner and login of the agent whose mail the link came in. Raises TokenLinkGone once they left."""
    known = token_links.opened(token, TokenPurpose.MORNING)
    works = select(User.partner_id).where(User.id == known.subject_id, User.disabled_at.is_(None))
    with scopes.everyone(db.session(), _WHOSE):
        partner_id = db.session.scalars(works).one_or_none()
    if partner_id is None:
        raise token_links.TokenLinkGone(token_links.ASK[TokenPurpose.MORNING])
    return partner_id, known.subject_id
