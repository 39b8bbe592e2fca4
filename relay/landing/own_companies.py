"""The own page's acts on companies: may one tell of openings, or a related company of the person; what is asked of one.

Also the answer to a mistaken invitation.
"""

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import evidence
from relay.landing.own_page import back, inside, show
from relay.landing.related import chosen
from relay.models import RequestKind
from relay.network import mistaken, next_openings, related_consents
from relay.rights import own_requests
from relay.text import clean_block


@landing.post("/me/<token>/openings")
def own_openings(token: str) -> AnyResponse:
    """Let a company tell of its next openings; without a tick nothing is given (A-10)."""
    profile_id = inside(token).subject_id
    if "agree" not in request.form:
        return show(profile_id, status=422, trouble=_("同意されるときは、チェックを入れてから押してください。"))
    next_openings.give(db.session(), profile_id, _company_id(), evidence())
    db.session.commit()
    return back(token, "openings")


@landing.post("/me/<token>/openings/withdrawal")
def own_openings_withdrawal(token: str) -> AnyResponse:
    """Take that back, at once; asking again is harmless."""
    next_openings.take_back(db.session(), inside(token).subject_id, _company_id())
    db.session.commit()
    return back(token, "openings-ended")


@landing.post("/me/<token>/related")
def own_related(token: str) -> AnyResponse:
    """Let a company tell the ticked related companies; without a tick nothing is given (A-10)."""
    session, profile_id = db.session(), inside(token).subject_id
    if not (ticked := chosen()):
        return show(profile_id, status=422, trouble=_("同意されるときは、チェックを入れてから押してください。"))
    try:
        related_consents.give_own(session, profile_id, _company_id(), ticked, evidence())
    except DomainError as error:
        session.rollback()
        return show(profile_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "related")


@landing.post("/me/<token>/related/withdrawal")
def own_related_withdrawal(token: str) -> AnyResponse:
    """Take one of those back, at once; asking again is harmless."""
    consent_id = request.form.get("consent", default=0, type=int)
    related_consents.take_back_own(db.session(), inside(token).subject_id, _company_id(), consent_id)
    db.session.commit()
    return back(token, "related-ended")


@landing.post("/me/<token>/mistaken")
def own_mistaken(token: str) -> AnyResponse:
    """Answer whether to go on after an invitation that was sent by mistake."""
    goes_on = request.form.get("answer") != "end"
    question_id = request.form.get("question", default=0, type=int)
    mistaken.answer(db.session(), inside(token).subject_id, question_id, goes_on=goes_on)
    db.session.commit()
    return back(token, "goes-on" if goes_on else "ended")


@landing.post("/me/<token>/requests")
def own_requests_post(token: str) -> AnyResponse:
    """Pass requests on to a company, or mail their page to the address of its record; what was typed is kept."""
    session, form, profile_id = db.session(), request.form, inside(token).subject_id
    company_id = form.get("keeper", default=0, type=int)
    kinds, text = (
        [kind for kind in RequestKind if kind.value in form.getlist("kind")],
        clean_block(form.get("text", "")),
    )
    try:
        opened = own_requests.ask(session, profile_id, company_id, kinds, text)
    except own_requests.NoRecordThere as error:
        session.rollback()
        return show(profile_id, status=422, trouble=str(error))
    except (own_requests.NothingAsked, own_requests.RequestTooLong) as error:
        session.rollback()
        return show(profile_id, status=422, request_trouble=str(error))
    session.commit()
    return back(token, "requested" if opened else "request-mailed")


@landing.post("/me/<token>/objection")
def own_objection(token: str) -> AnyResponse:
    """Object to the use of the selection record at a company; twice changes nothing."""
    session, profile_id = db.session(), inside(token).subject_id
    try:
        own_requests.object_to_record(session, profile_id, _company_id())
    except own_requests.NoRecordThere as error:
        session.rollback()
        return show(profile_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "objected")


def _company_id() -> int:
    return request.form.get("company", default=0, type=int)
