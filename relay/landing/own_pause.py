"""The own page's pause: no partner sees the person until a day, while every consent stays."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.own_page import back, inside, show
from relay.network import own_pages
from relay.text import DateProblem, parse_date


@landing.post("/me/<token>/pause")
def own_pause(token: str) -> AnyResponse:
    """Pause up to and with the day that was chosen."""
    session, profile_id = db.session(), inside(token).subject_id
    typed = request.form.get("until", "")
    try:
        own_pages.pause(session, profile_id, parse_date(typed))
    except (DateProblem, own_pages.PauseDayOdd) as error:
        session.rollback()
        return show(profile_id, status=422, trouble=str(error), typed_day=typed)
    session.commit()
    return back(token, "paused")


@landing.post("/me/<token>/pause/end")
def own_resume(token: str) -> AnyResponse:
    """End the pause now; asking again is harmless."""
    own_pages.resume(db.session(), inside(token).subject_id)
    db.session.commit()
    return back(token, "resumed")
