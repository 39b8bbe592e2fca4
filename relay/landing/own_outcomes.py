"""The own page's acts on what became of the person: say it, deny it, let a company read it, and end that."""

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import evidence
from relay.landing.own_page import back, inside, show
from relay.network import outcome_consents, outcomes


@landing.post("/me/<token>/outcomes")
def own_outcomes(token: str) -> AnyResponse:
    """Add the person's own word, or that something is not so; a second press adds nothing."""
    session, profile_id = db.session(), inside(token).subject_id
    try:
        outcomes.say(session, profile_id, request.form.get("kind", ""), so="not-so" not in request.form)
    except DomainError as error:
        session.rollback()
        return show(profile_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "outcome")


@landing.post("/me/<token>/outcomes/consent")
def own_outcomes_consent(token: str) -> AnyResponse:
    """Let a company read it; without a tick nothing is given (A-10)."""
    session, profile_id = db.session(), inside(token).subject_id
    if "agree" not in request.form:
        return show(profile_id, status=422, trouble=_("同意されるときは、チェックを入れてから押してください。"))
    try:
        outcome_consents.give(session, profile_id, _company_id(), request.form.get("shown", ""), evidence())
    except DomainError as error:
        session.rollback()
        return show(profile_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "outcomes")


@landing.post("/me/<token>/outcomes/withdrawal")
def own_outcomes_withdrawal(token: str) -> AnyResponse:
    """Take that back, at once; asking again is harmless."""
    outcome_consents.take_back(db.session(), inside(token).subject_id, _company_id())
    db.session.commit()
    return back(token, "outcomes-ended")


def _company_id() -> int:
    return request.form.get("company", default=0, type=int)
