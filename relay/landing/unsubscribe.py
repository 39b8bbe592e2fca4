"""Stopping relay mail from the mail itself: a page for people, one click for mail programs (RFC 8058; C-8, C-9)."""

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.markers import one_click
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import find, write_letterhead
from relay.landing.stopping import has_stopped, stop
from relay.models import TokenPurpose, scopes
from relay.web import page


@landing.get("/u/<token>")
def unsubscribe_page(token: str) -> Response:
    """Show what stops and what stays; nothing happens by looking."""
    company_id, address_hash = _mailed(token)
    return page("landing/stop.html", stopped=has_stopped(db.session(), company_id, address_hash), back="")


@landing.post("/u/<token>")
@one_click
def unsubscribe_post(token: str) -> AnyResponse:
    """Stop at once. A mail program gets a short text, without redirect or cookie (RFC 8058, 3.1); a person a page."""
    company_id, address_hash = _mailed(token)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    stop(db.session(), company_id, address_hash, via="one-click" if one_click else "page")
    db.session.commit()
    if one_click:
        return Response(_("ご案内のメールを止めました。"), mimetype="text/plain")
    return redirect(url_for(".unsubscribe_page", token=token), 303)


def _mailed(text: str) -> tuple[int, str]:
    """Return the company whose mail the link came in, and the hash of the address it went to. Raises LinkGone."""
    token = find(db.session(), text, TokenPurpose.UNSUBSCRIBE)
    company_id = scopes.required(token.company_id)
    write_letterhead(db.session(), company_id)
    return company_id, token.address_hash
