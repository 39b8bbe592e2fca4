"""Stopping and erasing everything: by the link alone with 72 hours to take it back, with the number at once (C-25)."""

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.own_page import back, inside, mailed
from relay.network import own_pages
from relay.rights.own_erasure import erase_now
from relay.web import page


@landing.post("/me/<token>/stop")
def own_stop(token: str) -> AnyResponse:
    """End every consent, at once and without the number."""
    own_pages.stop_all(db.session(), mailed(token).subject_id)
    db.session.commit()
    return back(token, "stopped")


@landing.post("/me/<token>/erasure")
def own_erasure(token: str) -> AnyResponse:
    """End every consent at once, and have everything erased in 72 hours; without the number."""
    own_pages.plan_erasure(db.session(), mailed(token).subject_id)
    db.session.commit()
    return back(token, "planned")


@landing.post("/me/<token>/erasure/cancel")
def own_erasure_cancel(token: str) -> AnyResponse:
    """Take the planned erasure back; without the number, as it was asked for."""
    own_pages.cancel_erasure(db.session(), mailed(token).subject_id)
    db.session.commit()
    return back(token, "cancelled")


@landing.post("/me/<token>/erasure/now")
def own_erasure_now(token: str) -> Response:
    """Erase everything at once, with the number. The answer is the last page: the link opens nothing any more."""
    came_to = erase_now(db.session(), inside(token).subject_id)
    db.session.commit()
    return page("landing/own_erased.html", outlook=came_to)
