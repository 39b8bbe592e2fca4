"""Requests for a free introduction (紹介の依頼) to the agency: the list, and each in full with what can be done.

What it does with one is posted to the pages about its own login (relay.account.asked_requests); here is only to read.
"""

from flask import Response, abort, request, url_for

from relay.access.permissions import needs
from relay.agency import agency
from relay.extensions import db
from relay.introductions import for_partners
from relay.introductions.for_partners import STATE_WORDS
from relay.models import DeclineReason
from relay.models.introductions import MAX_ADVICE
from relay.web import page


@agency.get("/requests")
@needs("introductions:answer")
def requests() -> Response:
    """Show the requests of all companies, its own turns first, each with whose turn it is until when."""
    session = db.session()
    found = for_partners.listed(session, after=request.args.get("after", ""), before=request.args.get("before", ""))
    return page(
        "agency/requests.html",
        found=found,
        turns=for_partners.turns(session),
        state_words=STATE_WORDS,
        newer_url=url_for(".requests", before=found.previous) if found.previous else "",
        older_url=url_for(".requests", after=found.next) if found.next else "",
    )


@agency.get("/requests/<int:asked_id>")
@needs("introductions:answer")
def request_show(asked_id: int) -> Response:
    """Show one request; 404 where the agency was not asked."""
    found = for_partners.asked(db.session(), asked_id) or abort(404)
    return page(
        "agency/request.html",
        asked=found,
        state_words=STATE_WORDS,
        reasons=DeclineReason.labels(),
        max_advice=MAX_ADVICE,
        urls={
            "link": url_for("my_account.asked_link", asked_id=asked_id),
            "take_back": url_for("my_account.asked_take_back", asked_id=asked_id),
            "decline": url_for("my_account.asked_decline", asked_id=asked_id),
        },
    )
