"""The page behind a link that a company handed over itself: mails the relay link to the address the company has."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import find, write_letterhead
from relay.models import Token, TokenPurpose, scopes
from relay.network import company_links, handed_links
from relay.web import page


@landing.get("/f/<token>")
def handed(token: str) -> Response:
    """Show what is offered, or that the mail was asked for; nothing of the person."""
    mailed = _mailed(token)
    return page(
        "landing/handed.html",
        open=company_links.is_open(db.session(), scopes.required(mailed.company_id)),
        done=request.args.get("done") == "mailed",
        days=handed_links.LIFETIME.days,
    )


@landing.post("/f/<token>")
def handed_post(token: str) -> AnyResponse:
    """Have the relay link mailed; the answer is the same whether a mail leaves."""
    handed_links.ask(db.session(), _mailed(token))
    db.session.commit()
    return redirect(url_for(".handed", token=token, done="mailed"), 303)


def _mailed(token: str) -> Token:
    found = find(db.session(), token, TokenPurpose.HANDED_LINK)
    write_letterhead(db.session(), scopes.required(found.company_id))
    return found
