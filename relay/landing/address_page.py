"""Another mail address: asked for and stopped on the own page, proven on the page behind the mail to that address.

That page needs the number, too: an address that was mistyped is a stranger's, and the link alone would give it all.
"""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db, short_write
from relay.landing import landing, own_session
from relay.landing.arrival import find
from relay.landing.own_page import back, inside, mailed, show
from relay.models import TokenPurpose
from relay.network import new_address, pins
from relay.network.granting import ErasurePlanned
from relay.web import page


@landing.post("/me/<token>/address")
def own_address(token: str) -> AnyResponse:
    """Mail the link that proves the address; a refused one is kept in its field."""
    session, profile_id = db.session(), inside(token).subject_id
    typed = request.form.get("new_address", "")
    try:
        new_address.ask(session, profile_id, typed)
    except DomainError as error:
        session.rollback()
        return show(profile_id, status=422, address_trouble=str(error), typed_address=typed)
    session.commit()
    return back(token, "address-asked")


@landing.post("/me/<token>/address/cancel")
def own_address_cancel(token: str) -> AnyResponse:
    """Stop the change; like every stop it needs no number, and asking again is harmless."""
    new_address.cancel(db.session(), mailed(token).subject_id)
    db.session.commit()
    return back(token, "address-stopped")


@landing.get("/address/<token>")
def address_page(token: str) -> Response:
    """Show which address would be used, or that it is; nothing happens by looking."""
    return _page(find(db.session(), token, TokenPurpose.NEW_ADDRESS).subject_id)


@landing.post("/address/<token>")
def address_post(token: str) -> AnyResponse:
    """Use the address from now on, for the right number, whose tries count as the own page's. Twice changes nothing."""
    session = db.session()
    message_id = find(session, token, TokenPurpose.NEW_ADDRESS).subject_id
    of = new_address.proven(session, message_id)
    if of.changed:
        return redirect(url_for(".address_page", token=token), 303)
    try:
        compared = own_session.try_number(of.profile_id, request.form.get("number", ""))
    except pins.PinMalformed as error:
        return _page(message_id, status=422, number_trouble=str(error))
    if compared is None:
        return _page(message_id, status=422, wrong=True)
    with short_write() as counting:
        if not pins.accept(counting, of.profile_id, compared):
            return _page(message_id, status=422, wrong=True)
    try:
        new_address.confirm(session, message_id)
    except (new_address.AddressTaken, ErasurePlanned) as error:
        session.rollback()
        return _page(message_id, status=422, trouble=str(error))
    session.commit()
    return redirect(url_for(".address_page", token=token), 303)


def _page(
    message_id: int, *, status: int = 200, trouble: str = "", number_trouble: str = "", wrong: bool = False
) -> Response:
    session = db.session()
    of = new_address.proven(session, message_id)
    return page(
        "landing/address.html",
        status=status,
        proof=of,
        pin=pins.standing(session, of.profile_id),
        trouble=trouble,
        number_trouble=number_trouble,
        wrong=wrong,
    )
