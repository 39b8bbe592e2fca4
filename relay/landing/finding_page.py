"""/me: an address typed, the link of its own page mailed; the same answer whether anybody is registered by it."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.access.csrf import link_csrf
from relay.extensions import db
from relay.landing import landing
from relay.network import own_pages
from relay.text import MailFault, mail_sentence, normalise_mail
from relay.web import page


@landing.get("/me")
def find_own_page() -> Response:
    """Show the form for the address, or what came of it."""
    return _page(done=request.args.get("done", ""))


@landing.post("/me")
def find_own_page_post() -> AnyResponse:
    """Put the request aside; whether the address is registered is looked up afterwards, by the worker."""
    typed = request.form.get("address", "")
    reading = normalise_mail(typed)
    if not reading.value:
        return _page(status=422, typed=typed, trouble=str(mail_sentence(reading.fault or MailFault.NO_AT, typed)))
    asked = own_pages.ask(db.session(), reading.value)
    db.session.commit()
    return redirect(url_for(".find_own_page", done="mailed" if asked else "limit"), 303)


def _page(*, status: int = 200, done: str = "", typed: str = "", trouble: str = "") -> Response:
    return page(
        "landing/find.html",
        status=status,
        done=done,
        typed=typed,
        trouble=trouble,
        most=own_pages.MAX_A_DAY,
        link_csrf=link_csrf(""),
    )
