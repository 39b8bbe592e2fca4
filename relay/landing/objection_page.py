"""Object to the use of one's selection record: the page behind the link below a company's mails (A-42).

It shows nothing of the record, and nothing happens by looking (C-16).
"""

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import find, write_letterhead
from relay.models import Candidate, TokenPurpose, scopes
from relay.network.links import LinkGone
from relay.rights import objections
from relay.web import page


@landing.get("/object/<token>")
def objection_page(token: str) -> Response:
    """Show what objecting changes, or that it was done."""
    return page("landing/objection.html", objected=_opened(token).record_objected_at is not None)


@landing.post("/object/<token>")
def objection_post(token: str) -> AnyResponse:
    """Keep the objection. Twice changes nothing."""
    candidate = _opened(token)
    objections.object_to_record(db.session(), candidate.company_id, candidate.id)
    db.session.commit()
    return redirect(url_for(".objection_page", token=token), 303)


def _opened(text: str) -> Candidate:
    """Return the person whose mail brought the link. Raises LinkGone, also where they were erased."""
    session = db.session()
    token = find(session, text, TokenPurpose.OBJECTION)
    company_id = scopes.required(token.company_id)
    candidate = objections.of_token(session, company_id, token.candidate_id)
    if candidate is None:
        raise LinkGone
    write_letterhead(session, company_id)
    return candidate
