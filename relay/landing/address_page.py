"""Another mail address: asked for and stopped on the own page, proven on the page behind the mail to that address."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import find
from relay.landing.own_page import back, inside, mailed, show
from relay.models import TokenPurpose
from relay.network import new_address
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
    """Use the address from now on. Twice changes nothing."""
    session = db.session()
    message_id = find(session, token, TokenPurpose.NEW_ADDRESS).subject_id
    try:
        new_address.confirm(session, message_id)
    except (new_address.AddressTaken, ErasurePlanned) as error:
        session.rollback()
        return _page(message_id, status=422, trouble=str(error))
    session.commit()
    return redirect(url_for(".address_page", token=token), 303)


def _page(message_id: int, *, status: int = 200, trouble: str = "") -> Response:
    address, changed = new_address.proven(db.session(), message_id)
    return page("landing/address.html", status=status, address=address, changed=changed, trouble=trouble)
