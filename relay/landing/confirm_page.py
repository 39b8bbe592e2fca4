"""Proving another mail address: only a POST from its mailbox registers the person (invariant 3, C-16)."""

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import evidence, find, write_letterhead
from relay.models import TokenPurpose
from relay.network import registration
from relay.network.outcomes import PartnerGone
from relay.web import page


@landing.get("/confirm/<token>")
def confirm_page(token: str) -> Response:
    """What waits to be confirmed, or that it is done; nothing happens by looking."""
    session = db.session()
    pending = registration.pending_of(session, find(session, token, TokenPurpose.CONFIRM_ADDRESS).subject_id)
    write_letterhead(session, pending.company.id)
    if pending.confirmed:
        return page("landing/done.html", state="registered", outcome=None)
    return page("landing/confirm.html", pending=pending)


@landing.post("/confirm/<token>")
def confirm_post(token: str) -> AnyResponse:
    """Register, under the words agreed to before. Doing it twice changes nothing."""
    session = db.session()
    pending_id = find(session, token, TokenPurpose.CONFIRM_ADDRESS).subject_id
    try:
        registration.confirm(session, pending_id, evidence())
    except PartnerGone:
        session.rollback()
        write_letterhead(session, registration.pending_of(session, pending_id).company.id)
        return page("landing/partners_gone.html", status=409)
    session.commit()
    return redirect(url_for(".confirm_page", token=token), 303)
