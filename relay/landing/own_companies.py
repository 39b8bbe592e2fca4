"""The own page's acts on companies: may one tell of its openings, and what of an invitation sent by mistake."""

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import evidence
from relay.landing.own_page import back, inside, show
from relay.network import mistaken, next_openings


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


@landing.post("/me/<token>/mistaken")
def own_mistaken(token: str) -> AnyResponse:
    """Answer whether to go on after an invitation that was sent by mistake."""
    goes_on = request.form.get("answer") != "end"
    question_id = request.form.get("question", default=0, type=int)
    mistaken.answer(db.session(), inside(token).subject_id, question_id, goes_on=goes_on)
    db.session.commit()
    return back(token, "goes-on" if goes_on else "ended")


def _company_id() -> int:
    return request.form.get("company", default=0, type=int)
