"""Choosing a number behind a mailed, single-use link: what was chosen before is not shown any more (C-25)."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing, own_session
from relay.landing.arrival import find
from relay.models import TokenPurpose
from relay.network import pins
from relay.network.pins import PinGuessable, PinMalformed, PinTooEasy
from relay.web import page


@landing.get("/pin/<token>")
def pin_page(token: str) -> Response:
    """Show the form for the number, and what it will show; nothing happens by looking."""
    find(db.session(), token, TokenPurpose.CHOOSE_PIN)
    return page("landing/pin.html", trouble="")


@landing.post("/pin/<token>")
def pin_post(token: str) -> AnyResponse:
    """Set the number, use the link up, and let this browser in."""
    session = db.session()
    try:
        profile_id = pins.choose(session, token, request.form.get("number", ""))
    except (PinMalformed, PinTooEasy, PinGuessable) as error:
        session.rollback()
        return page("landing/pin.html", status=422, trouble=str(error))
    own = own_session.mint_way_in(session, profile_id)
    response = redirect(url_for(".own_page", token=own, done="chosen"), 303)
    own_session.enter(session, response, profile_id, own)
    session.commit()
    return response
