"""Proving another mail address: only a POST from its mailbox registers the person (invariant 3, C-16).

The mail alone opens nothing: the number that was chosen with the registration is asked for (C-25). Then the page
shows recipients, items, terms and what was typed, and only the next button agrees to it (A-9).
"""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db, short_write
from relay.landing import landing, own_session
from relay.landing.arrival import evidence, find, write_letterhead
from relay.models import TokenPurpose
from relay.network import pending, pins, registration
from relay.network.consent_texts import openings_words
from relay.network.granting import PartnerGone
from relay.web import page


@landing.get("/confirm/<token>")
def confirm_page(token: str) -> Response:
    """Show the form for the number, or that it is done; nothing happens by looking."""
    return _page(find(db.session(), token, TokenPurpose.CONFIRM_ADDRESS).subject_id)


@landing.post("/confirm/<token>")
def confirm_post(token: str) -> AnyResponse:
    """Show what is agreed to for the right number; register when that is sent back. Twice changes nothing."""
    session = db.session()
    pending_id = find(session, token, TokenPurpose.CONFIRM_ADDRESS).subject_id
    if registration.pending_of(session, pending_id).confirmed:
        return redirect(url_for(".confirm_page", token=token), 303)
    if "proof" in request.form:
        return _agree(token, pending_id)
    try:
        number = pins.read_any(request.form.get("number", ""))
    except pins.PinMalformed as error:
        return _page(pending_id, status=422, trouble=str(error))
    with short_write() as counting:
        compared = pending.count_try(counting, pending_id)
    if compared is None or not pins.is_right(compared, number):
        return _page(pending_id, status=422, wrong=True)
    with short_write() as counting:
        pending.give_back(counting, pending_id)
    return _contents(pending_id)


def _agree(token: str, pending_id: int) -> AnyResponse:
    if pending.is_proven(db.session(), pending_id, request.form["proof"]):
        return _confirm(token, pending_id)
    return _page(pending_id, status=422)


def _contents(pending_id: int) -> Response:
    session = db.session()
    session.expire_all()
    write_letterhead(session, registration.pending_of(session, pending_id).company.id)
    company = registration.pending_of(session, pending_id).company
    return page(
        "landing/confirm_contents.html",
        typed=pending.typed(session, pending_id),
        openings=openings_words(session, company.id, company.name),
    )


def _confirm(token: str, pending_id: int) -> AnyResponse:
    session = db.session()
    try:
        outcome = registration.confirm(session, pending_id, evidence())
    except PartnerGone:
        session.rollback()
        write_letterhead(session, registration.pending_of(session, pending_id).company.id)
        return page("landing/partners_gone.html", status=409)
    if outcome.profile_id is None:
        return redirect(url_for(".confirm_page", token=token), 303)
    own = own_session.mint_way_in(session, outcome.profile_id)
    response = redirect(url_for(".own_page", token=own, done="registered"), 303)
    own_session.enter(session, response, outcome.profile_id, own)
    session.commit()
    return response


def _page(pending_id: int, *, status: int = 200, trouble: str = "", wrong: bool = False) -> Response:
    waiting = registration.pending_of(db.session(), pending_id)
    write_letterhead(db.session(), waiting.company.id)
    if waiting.confirmed:
        return page("landing/done.html", state="registered", outcome=None)
    return page("landing/confirm.html", status=status, pending=waiting, trouble=trouble, wrong=wrong)
