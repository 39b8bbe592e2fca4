"""Asking a company for no more relay mail, from the page behind a relay link; nobody has to register for that (C-5)."""

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import arrive
from relay.landing.stopping import has_stopped, stop
from relay.network.links import LinkGone
from relay.web import page


@landing.get("/r/<token>/stop")
def stop_page(token: str) -> Response:
    """Show what stops and what stays; nothing happens by looking."""
    session = db.session()
    link = arrive(session, token).link
    return page(
        "landing/stop.html",
        stopped=has_stopped(session, link.company_id, link.address_hash or ""),
        back=url_for(".relay_page", token=token),
    )


@landing.post("/r/<token>/stop")
def stop_post(token: str) -> AnyResponse:
    """Stop at once. The link itself stays usable: a person who changes their mind can still register."""
    session = db.session()
    link = arrive(session, token).link
    if link.address_hash is None:
        raise LinkGone
    stop(session, link.company_id, link.address_hash, via="relay-page")
    session.commit()
    return redirect(url_for(".stop_page", token=token), 303)
