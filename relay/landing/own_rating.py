"""The own page's one voluntary question, asked right after a registration: answered by one tap, or passed over."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.own_page import back, inside
from relay.models import RatingAnswer
from relay.network import ratings


@landing.post("/me/<token>/rating")
def own_rating(token: str) -> AnyResponse:
    """Add the answer to its number, once for the link; a second press, or a word of no answer, changes nothing."""
    session, profile_id = db.session(), inside(token).subject_id
    said = request.form.get("answer", "")
    if said not in set(RatingAnswer) or not ratings.answer(session, profile_id, RatingAnswer(said)):
        return back(token)
    session.commit()
    return back(token, "rated")
