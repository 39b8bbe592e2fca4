"""The acts of an own page that need no number: stop everything, erase in 72 hours, take that back (C-25)."""

from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.landing import landing
from relay.landing.own_page import back, mailed
from relay.network import own_pages


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
