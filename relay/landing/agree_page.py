"""The person behind the mailed address is asked whether a registration under another address is theirs (C-16).

Links are forwarded, and results go astray. The page shows neither the address that was typed nor anything else of it.
"""

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import find, write_letterhead
from relay.models import TokenPurpose
from relay.network import pending
from relay.web import page


@landing.get("/agree/<token>")
def agree_page(token: str) -> Response:
    """Show the question, or that it was answered; nothing happens by looking."""
    waiting = pending.asked(db.session(), find(db.session(), token, TokenPurpose.AGREE_ADDRESS).subject_id)
    write_letterhead(db.session(), waiting.company_id)
    return page("landing/agree.html", agreed=waiting.agreed_at is not None, until=waiting.expires_at)


@landing.post("/agree/<token>")
def agree_post(token: str) -> AnyResponse:
    """Send the letter that proves the typed address. Twice changes nothing."""
    pending.agree(db.session(), find(db.session(), token, TokenPurpose.AGREE_ADDRESS).subject_id)
    db.session.commit()
    return redirect(url_for(".agree_page", token=token), 303)
