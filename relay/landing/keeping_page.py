"""Keep the record, erase it, or decide later: the page behind the company's letter about a record that ends.

It shows the day and nothing else of the record (C-19, C-25); nothing happens by looking (C-16).
"""

from flask import Response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import evidence, find, write_letterhead
from relay.models import Candidate, TokenPurpose, scopes
from relay.models.retention import BACKUP
from relay.network.links import LinkGone
from relay.rights import keeping
from relay.rights.keeping import WordsChanged
from relay.web import page


@landing.get("/keep/<token>")
def keep_page(token: str) -> Response:
    """Show the question, what erasing means before it is done, or until when the record is kept."""
    return _ask(token, _opened(db.session(), token), answer=request.args.get("answer", ""))


@landing.post("/keep/<token>")
def keep_post(token: str) -> AnyResponse:
    """Keep the record on. Twice changes nothing."""
    session = db.session()
    candidate = _opened(session, token)
    shown = request.form.get("shown", "")
    try:
        keeping.keep_on(session, candidate.company_id, candidate.id, shown=shown, evidence=evidence())
    except WordsChanged as changed:
        return _ask(token, candidate, trouble=str(changed), status=422)
    session.commit()
    return redirect(url_for(".keep_page", token=token), 303)


@landing.post("/keep/<token>/erase")
def keep_erase(token: str) -> AnyResponse:
    """Erase the record, and answer with the last page: the link opens nothing any more. Held, it is asked for."""
    session = db.session()
    candidate = _opened(session, token)
    erased = keeping.erase(session, candidate.company_id, candidate)
    session.commit()
    if not erased:
        return redirect(url_for(".keep_page", token=token, answer="asked"), 303)
    return page("landing/kept_erased.html", backup_days=BACKUP.number)


def _opened(session: Session, text: str) -> Candidate:
    """Return the candidate whose mail brought the link. Raises LinkGone, also where they were erased or moved away."""
    token = find(session, text, TokenPurpose.RECORD_ENDS)
    company_id = scopes.required(token.company_id)
    candidate = keeping.of_address(session, company_id, token.subject_id, token.address_hash)
    if candidate is None:
        raise LinkGone
    write_letterhead(session, company_id)
    return candidate


def _ask(token: str, candidate: Candidate, *, answer: str = "", trouble: str = "", status: int = 200) -> Response:
    return page(
        "landing/keep.html",
        status=status,
        question=keeping.question(db.session(), candidate.company_id, candidate),
        until=candidate.retain_until,
        answer=answer,
        trouble=trouble,
        here=url_for(".keep_page", token=token),
        erase_url=url_for(".keep_erase", token=token),
        backup_days=BACKUP.number,
    )
