"""The own page's acts on consents to partners: take one back, say one more, choose what is told (A-10, A-13, A-43)."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import evidence
from relay.landing.own_page import back, inside, show
from relay.network import consents, item_choices, new_contents, placement, renewals


@landing.post("/me/<token>/withdrawal")
def own_withdrawal(token: str) -> AnyResponse:
    """Take one yes back, at once; asking again is harmless."""
    consents.withdraw(db.session(), inside(token).subject_id, _partner_id())
    db.session.commit()
    return back(token, "withdrawn")


@landing.post("/me/<token>/earlier")
def own_earlier(token: str) -> AnyResponse:
    """Take back every yes from before a forgotten number was replaced; whose they were is not said."""
    consents.withdraw_earlier(db.session(), inside(token).subject_id)
    db.session.commit()
    return back(token, "earlier")


@landing.post("/me/<token>/consent")
def own_consent(token: str) -> AnyResponse:
    """Say yes to one more partner, under the words shown here; without a tick nothing is given (A-10)."""
    session, entered, partner_id = db.session(), inside(token), _partner_id()
    if "agree" not in request.form:
        return show(entered.subject_id, status=422, opened=partner_id, unticked=True)
    jobs = "jobs" in request.form
    try:
        consents.give_more(
            session,
            entered.subject_id,
            partner_id,
            token_id=entered.id,
            evidence=evidence(),
            shown=request.form.get("shown-jobs" if jobs else "shown") or "-",
            jobs=jobs,
        )
    except DomainError as error:
        session.rollback()
        return show(entered.subject_id, status=422, trouble=str(error), opened=partner_id)
    session.commit()
    return back(token, "given")


@landing.post("/me/<token>/contents")
def own_contents(token: str) -> AnyResponse:
    """Answer whether earlier partners get the new contents too: all that are named, some of them, or none (A-43)."""
    session, entered = db.session(), inside(token)
    chosen = set(request.form.getlist("partner", type=int))
    telling = request.form.get("answer") != "none"
    if telling and not chosen:
        return show(entered.subject_id, status=422, unchosen=True)
    try:
        new_contents.answer(
            session,
            entered.subject_id,
            chosen if telling else (),
            shown={each: request.form.get(f"shown-{each}", "") for each in chosen},
            token_id=entered.id,
            evidence=evidence(),
        )
    except DomainError as error:
        session.rollback()
        return show(entered.subject_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "told" if telling else "kept")


@landing.post("/me/<token>/renewal")
def own_renewal(token: str) -> AnyResponse:
    """Go on with the ticked partners for another year; without a tick nothing is given (A-10)."""
    session, entered = db.session(), inside(token)
    chosen = set(request.form.getlist("partner", type=int))
    if not chosen:
        return show(entered.subject_id, status=422, unrenewed=True)
    try:
        renewals.renew(
            session,
            entered.subject_id,
            chosen,
            shown={each: request.form.get(f"shown-{each}", "") for each in chosen},
            token_id=entered.id,
            evidence=evidence(),
        )
    except DomainError as error:
        session.rollback()
        return show(entered.subject_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "renewed")


@landing.post("/me/<token>/items")
def own_items(token: str) -> AnyResponse:
    """Give one partner the ticked items and no others, as they are written now (A-43)."""
    session, entered, partner_id = db.session(), inside(token), _partner_id()
    try:
        changed = item_choices.choose(
            session,
            entered.subject_id,
            partner_id,
            request.form.getlist("item"),
            shown=request.form.get("shown", ""),
            token_id=entered.id,
            evidence=evidence(),
        )
    except DomainError as error:
        session.rollback()
        return show(entered.subject_id, status=422, trouble=str(error), choosing=partner_id)
    session.commit()
    return back(token, "items" if changed else "unchanged")


@landing.post("/me/<token>/purpose")
def own_purpose(token: str) -> AnyResponse:
    """Agree to a school's second purpose, too, or take that one back alone (B-33); without a tick nothing is given."""
    session, entered, partner_id = db.session(), inside(token), _partner_id()
    jobs = request.form.get("answer") == "add"
    if jobs and "agree" not in request.form:
        return show(entered.subject_id, status=422, purpose_unticked=partner_id)
    try:
        changed = placement.choose(
            session,
            entered.subject_id,
            partner_id,
            jobs=jobs,
            shown=request.form.get("shown", ""),
            token_id=entered.id,
            evidence=evidence(),
        )
    except DomainError as error:
        session.rollback()
        return show(entered.subject_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "purpose" if changed else "unchanged")


def _partner_id() -> int:
    return request.form.get("partner", default=0, type=int)
