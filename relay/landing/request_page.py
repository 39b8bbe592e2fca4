"""The page of a person's requests at one company, behind the mailed link: confirming that they asked, taking it back.

It shows which requests there are and how far they are, and nothing of the record (C-25).
"""

from flask import Response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.infra.keyed_hash import address_hash
from relay.landing import landing
from relay.landing.arrival import find, write_letterhead
from relay.models import DataRequest, RequestState, TokenPurpose, scopes
from relay.network.links import LinkGone
from relay.rights import data_requests, disclosure, request_register
from relay.rights.disclosure import disclosed_file
from relay.web import page


@landing.get("/my-request/<token>")
def request_page(token: str) -> Response:
    """Show the requests of the person behind the link; nothing happens by looking."""
    session = db.session()
    opened = _opened(session, token)
    with scopes.company(session, opened.company_id):
        mine = request_register.of_address(session, opened.address) or [opened]
    waiting = [each for each in mine if each.state is RequestState.OPEN]
    return page(
        "landing/request.html",
        requests=mine,
        asks=any(each.proven_at is None for each in waiting),
        has_file=disclosure.is_available,
        days=disclosure.AVAILABLE.days,
        done=request.args.get("done", ""),
    )


@landing.post("/my-request/<token>/confirm")
def request_confirm(token: str) -> AnyResponse:
    """Note that the person asks themselves. Twice changes nothing."""
    session = db.session()
    opened = _opened(session, token)
    with scopes.company(session, opened.company_id):
        for each in request_register.of_address(session, opened.address):
            data_requests.prove(session, each)
    session.commit()
    return redirect(url_for(".request_page", token=token, done="confirmed"), 303)


@landing.post("/my-request/<token>/withdraw")
def request_withdraw(token: str) -> AnyResponse:
    """Take one of the requests back. Twice changes nothing."""
    session = db.session()
    opened = _opened(session, token)
    with scopes.company(session, opened.company_id):
        for each in request_register.of_address(session, opened.address):
            if str(each.id) == request.form.get("request"):
                data_requests.withdraw(session, each)
    session.commit()
    return redirect(url_for(".request_page", token=token, done="withdrawn"), 303)


@landing.post("/my-request/<token>/file")
def request_file(token: str) -> AnyResponse:
    """Hand over the file of a disclosure, to read or as JSON; a POST, so that nothing that follows links gets it."""
    session = db.session()
    opened = _opened(session, token)
    with scopes.company(session, opened.company_id):
        mine = request_register.of_address(session, opened.address)
        asked = [each for each in mine if str(each.id) == request.form.get("request")]
        taken = data_requests.take_file(session, asked[0]) if asked else None
    if taken is None:
        raise LinkGone
    session.commit()
    return disclosed_file(taken, request.form.get("format") == "json")


def _opened(session: Session, text: str) -> DataRequest:
    """Return the request whose mail brought the link. Raises LinkGone, also where the person was erased meanwhile, or
    is written to at another address (`data_requests.match`).
    """
    token = find(session, text, TokenPurpose.DATA_REQUEST)
    company_id = scopes.required(token.company_id)
    with scopes.company(session, company_id):
        opened = request_register.find(session, token.subject_id)
    if opened is None or not opened.address or address_hash(opened.address) != token.address_hash:
        raise LinkGone
    write_letterhead(session, company_id)
    return opened
