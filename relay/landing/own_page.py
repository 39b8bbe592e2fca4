"""The candidate's own page: consents, withdrawal, one more consent, and what was provided (A-13, A-16).

The mailed link opens a page without names and counts, which stops and erases; the 暗証番号 opens the rest (C-25).
"""

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db, short_write
from relay.landing import landing, own_session
from relay.landing.arrival import evidence, find
from relay.models import Token, TokenPurpose
from relay.models.keyset import Page
from relay.network import consents, mistaken, new_contents, next_openings, own_pages, partnerships, pins, profiles
from relay.network.consents import FormerConsent
from relay.network.granting import visible_since
from relay.trust import provisions
from relay.trust.provisions import Provision
from relay.web import page


@landing.get("/me/<token>")
def own_page(token: str) -> Response:
    """Show, with the number given, who has the person's yes, who looked and when; without it, ask for the number."""
    profile_id = _mailed(token).subject_id
    done = request.args.get("done", "")
    if own_session.is_inside(db.session(), profile_id):
        return _page(profile_id, done=done)
    return _door(profile_id, done=done)


@landing.get("/me/<token>/consent")
@landing.get("/me/<token>/contents")
@landing.get("/me/<token>/earlier")
@landing.get("/me/<token>/erasure")
@landing.get("/me/<token>/erasure/cancel")
@landing.get("/me/<token>/forgotten")
@landing.get("/me/<token>/leave")
@landing.get("/me/<token>/mistaken")
@landing.get("/me/<token>/number")
@landing.get("/me/<token>/openings")
@landing.get("/me/<token>/openings/withdrawal")
@landing.get("/me/<token>/stop")
@landing.get("/me/<token>/withdrawal")
def own_back(token: str) -> AnyResponse:
    """Lead a phone that opens its last address again, after an answer on it, back to the page."""
    return redirect(url_for(".own_page", token=token), 303)


@landing.post("/me/<token>/number")
def own_number(token: str) -> AnyResponse:
    """Compare the number and let the browser in. The try is counted first, in a transaction of its own."""
    profile_id = _mailed(token).subject_id
    typed = request.form.get("number", "")
    try:
        number = pins.read_any(typed)
    except pins.PinMalformed as error:
        return _door(profile_id, status=422, trouble=str(error))
    with short_write() as session:
        compared = pins.count_try(session, profile_id)
    if compared is None:
        return _door(profile_id, status=422)
    if pins.is_right(compared, number):
        response = redirect(url_for(".own_page", token=token), 303)
        with short_write() as session:
            if pins.accept(session, profile_id, compared):
                return own_session.enter(session, response, profile_id, token)
    return _door(profile_id, status=422, wrong=True)


@landing.post("/me/<token>/forgotten")
def own_forgotten(token: str) -> AnyResponse:
    """Mail a link to choose another number; the answer is the same whether the day's mails are used up."""
    pins.mail_choice(db.session(), _mailed(token).subject_id)
    db.session.commit()
    return redirect(url_for(".own_page", token=token, done="mailed"), 303)


@landing.post("/me/<token>/stop")
def own_stop(token: str) -> AnyResponse:
    """End every consent, at once and without the number."""
    own_pages.stop_all(db.session(), _mailed(token).subject_id)
    db.session.commit()
    return redirect(url_for(".own_page", token=token, done="stopped"), 303)


@landing.post("/me/<token>/erasure")
def own_erasure(token: str) -> AnyResponse:
    """End every consent at once, and have everything erased in 72 hours; without the number."""
    own_pages.plan_erasure(db.session(), _mailed(token).subject_id)
    db.session.commit()
    return redirect(url_for(".own_page", token=token, done="planned"), 303)


@landing.post("/me/<token>/erasure/cancel")
def own_erasure_cancel(token: str) -> AnyResponse:
    """Take the planned erasure back; without the number, as it was asked for."""
    own_pages.cancel_erasure(db.session(), _mailed(token).subject_id)
    db.session.commit()
    return redirect(url_for(".own_page", token=token, done="cancelled"), 303)


@landing.post("/me/<token>/withdrawal")
def own_withdrawal(token: str) -> AnyResponse:
    """Take one yes back, at once; asking again is harmless."""
    session = db.session()
    profile_id = _mailed(token).subject_id
    if not own_session.is_inside(session, profile_id):
        return _expired(token)
    consents.withdraw(session, profile_id, _partner_id())
    session.commit()
    return redirect(url_for(".own_page", token=token, done="withdrawn"), 303)


@landing.post("/me/<token>/earlier")
def own_earlier(token: str) -> AnyResponse:
    """Take back every yes from before a forgotten number was replaced; whose they were is not said."""
    session = db.session()
    profile_id = _mailed(token).subject_id
    if not own_session.is_inside(session, profile_id):
        return _expired(token)
    consents.withdraw_earlier(session, profile_id)
    session.commit()
    return redirect(url_for(".own_page", token=token, done="earlier"), 303)


@landing.post("/me/<token>/consent")
def own_consent(token: str) -> AnyResponse:
    """Say yes to one more partner, under the words shown here; without a tick nothing is given (A-10)."""
    session = db.session()
    mailed = _mailed(token)
    profile_id, partner_id = mailed.subject_id, _partner_id()
    if not own_session.is_inside(session, profile_id):
        return _expired(token)
    if "agree" not in request.form:
        return _page(profile_id, status=422, opened=partner_id, unticked=True)
    try:
        consents.give_more(
            session,
            profile_id,
            partner_id,
            token_id=mailed.id,
            evidence=evidence(),
            shown=request.form.get("shown") or "-",
        )
    except DomainError as error:
        session.rollback()
        return _page(profile_id, status=422, trouble=str(error), opened=partner_id)
    session.commit()
    return redirect(url_for(".own_page", token=token, done="given"), 303)


@landing.post("/me/<token>/openings")
def own_openings(token: str) -> AnyResponse:
    """Let a company tell of its next openings; without a tick nothing is given (A-10)."""
    session = db.session()
    profile_id = _mailed(token).subject_id
    if not own_session.is_inside(session, profile_id):
        return _expired(token)
    if "agree" not in request.form:
        return _page(profile_id, status=422, trouble=_("同意されるときは、チェックを入れてから押してください。"))
    next_openings.give(session, profile_id, _company_id(), evidence())
    session.commit()
    return redirect(url_for(".own_page", token=token, done="openings"), 303)


@landing.post("/me/<token>/openings/withdrawal")
def own_openings_withdrawal(token: str) -> AnyResponse:
    """Take that back, at once; asking again is harmless."""
    session = db.session()
    profile_id = _mailed(token).subject_id
    if not own_session.is_inside(session, profile_id):
        return _expired(token)
    next_openings.take_back(session, profile_id, _company_id())
    session.commit()
    return redirect(url_for(".own_page", token=token, done="openings-ended"), 303)


@landing.post("/me/<token>/contents")
def own_contents(token: str) -> AnyResponse:
    """Answer whether earlier partners get the new contents too: all that are named, some of them, or none (A-43)."""
    session = db.session()
    mailed = _mailed(token)
    profile_id, chosen = mailed.subject_id, set(request.form.getlist("partner", type=int))
    if not own_session.is_inside(session, profile_id):
        return _expired(token)
    telling = request.form.get("answer") != "none"
    if telling and not chosen:
        return _page(profile_id, status=422, unchosen=True)
    try:
        new_contents.answer(
            session,
            profile_id,
            chosen if telling else (),
            shown={each: request.form.get(f"shown-{each}", "") for each in chosen},
            token_id=mailed.id,
            evidence=evidence(),
        )
    except DomainError as error:
        session.rollback()
        return _page(profile_id, status=422, trouble=str(error))
    session.commit()
    return redirect(url_for(".own_page", token=token, done="told" if telling else "kept"), 303)


@landing.post("/me/<token>/mistaken")
def own_mistaken(token: str) -> AnyResponse:
    """Answer whether to go on after an invitation that was sent by mistake."""
    session = db.session()
    profile_id = _mailed(token).subject_id
    if not own_session.is_inside(session, profile_id):
        return _expired(token)
    goes_on = request.form.get("answer") != "end"
    mistaken.answer(session, profile_id, request.form.get("question", default=0, type=int), goes_on=goes_on)
    session.commit()
    return redirect(url_for(".own_page", token=token, done="goes-on" if goes_on else "ended"), 303)


@landing.post("/me/<token>/leave")
def own_leave(token: str) -> AnyResponse:
    """Close the page on this browser and every other."""
    own_session.leave(db.session(), _mailed(token).subject_id)
    db.session.commit()
    return redirect(url_for(".own_page", token=token, done="left"), 303)


def _mailed(token: str) -> Token:
    return find(db.session(), token, TokenPurpose.OWN_PAGE)


def _expired(token: str) -> AnyResponse:
    """Half an hour is over: the number is asked for again, and nothing was changed."""
    return redirect(url_for(".own_page", token=token, done="expired"), 303)


def _door(profile_id: int, *, status: int = 200, done: str = "", trouble: str = "", wrong: bool = False) -> Response:
    """Return the page without the number: no name, no count, nothing that was written."""
    session = db.session()
    return page(
        "landing/own_door.html",
        status=status,
        done=done,
        trouble=trouble,
        wrong=wrong,
        pin=pins.standing(session, profile_id),
        erase_at=profiles.erase_at(session, profile_id),
    )


def _page(
    profile_id: int,
    *,
    status: int = 200,
    done: str = "",
    trouble: str = "",
    opened: int = 0,
    unticked: bool = False,
    unchosen: bool = False,
) -> Response:
    session = db.session()
    former = consents.former(session, profile_id)
    seen = _seen(profile_id)
    erase_at = profiles.erase_at(session, profile_id)
    return page(
        "landing/own.html",
        status=status,
        standing=consents.standing(session, profile_id),
        has_earlier=consents.has_earlier(session, profile_id),
        former=former,
        openings=[(each, _openings_words(each)) for each in next_openings.of_profile(session, profile_id)],
        offers=[] if erase_at else consents.more(session, profile_id),
        question=new_contents.question(session, profile_id),
        unchosen=unchosen,
        mistaken=mistaken.questions(session, profile_id),
        seen=[(each, profiles.item_labels(each.items)) for each in seen.rows],
        older_url=_records_url(before=seen.next),
        newer_url=_records_url(after=seen.previous),
        ends_on=profiles.last_day(session, profile_id),
        kept_days=profiles.KEPT_DAYS,
        done=done,
        withdrawn=_last_withdrawal(former) if done == "withdrawn" else None,
        trouble=trouble,
        opened=opened,
        unticked=unticked,
        erase_at=erase_at,
        minutes=own_session.LIFETIME.total_seconds() // 60 if own_session.LIFETIME else 0,
    )


def _openings_words(wish: next_openings.Wish) -> tuple[str, str]:
    return next_openings.label(wish.company), next_openings.explanation(wish.company)


def _seen(profile_id: int) -> Page[Provision]:
    """Return the page of the records that the address asks for; the newest where it asks for none that is there."""
    session = db.session()
    since = visible_since(session, profile_id)
    older, newer = request.args.get("before", ""), request.args.get("after", "")
    found = provisions.of_profile(session, profile_id, since=since, after=older, before=newer)
    return found if found.rows else provisions.of_profile(session, profile_id, since=since)


def _records_url(**start: str) -> str:
    """Return where the neighbouring page of the records is; nothing when there is none."""
    if not any(start.values()):
        return ""
    token = (request.view_args or {})["token"]
    return url_for(".own_page", token=token, **start, _anchor="seen")  # type: ignore[arg-type]


def _last_withdrawal(former: list[FormerConsent]) -> FormerConsent | None:
    return next(
        (
            each
            for each in former
            if each.way not in {"expired", partnerships.PARTNERSHIP_ENDED, partnerships.ANOTHER_PERSON}
        ),
        None,
    )


def _company_id() -> int:
    return request.form.get("company", default=0, type=int)


def _partner_id() -> int:
    return request.form.get("partner", default=0, type=int)
