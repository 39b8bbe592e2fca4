"""The candidate's own page: who may see what, who looked, and the ways to the acts on it (A-13, A-16, C-25).

The mailed link opens a page without names and counts, which stops and erases; the 暗証番号 opens the rest. The acts
are views of the modules beside it, one for each subject; each answers here.
"""

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.extensions import db, short_write
from relay.forms.stale import marks
from relay.landing import landing, own_session
from relay.landing.arrival import find
from relay.landing.forms import CorrectionForm
from relay.models import OutcomeKind, RatingAnswer, Token, TokenPurpose
from relay.models.keyset import Page
from relay.models.retention import PARTNER_RECORD
from relay.network import (
    confirmations,
    consents,
    corrections,
    item_choices,
    mistaken,
    new_address,
    new_contents,
    next_openings,
    outcome_consents,
    outcomes,
    own_pages,
    partner_records,
    partnerships,
    pins,
    placement,
    profiles,
    ratings,
    related_consents,
    renewals,
)
from relay.network.consent_texts import CONSENT_MONTHS, openings_words
from relay.network.consents import FormerConsent
from relay.network.figures import ENOUGH
from relay.network.granting import visible_since
from relay.network.partner_records import KeptByPartner
from relay.outreach import rescout_people
from relay.rights import coming_mails, data_requests, own_erasure, own_requests
from relay.text import format_phone
from relay.trust import provisions
from relay.trust.provisions import Provision
from relay.web import page


@landing.get("/me/<token>")
def own_page(token: str) -> Response:
    """Show, with the number given, who has the person's yes, who looked and when; without it, ask for the number."""
    profile_id = mailed(token).subject_id
    done = request.args.get("done", "")
    if own_session.is_inside(db.session(), profile_id):
        return show(profile_id, done=done)
    return _door(profile_id, done=done)


@landing.get("/me/<token>/address")
@landing.get("/me/<token>/address/cancel")
@landing.get("/me/<token>/confirmation")
@landing.get("/me/<token>/consent")
@landing.get("/me/<token>/contents")
@landing.get("/me/<token>/rating")
@landing.get("/me/<token>/renewal")
@landing.get("/me/<token>/earlier")
@landing.get("/me/<token>/erasure")
@landing.get("/me/<token>/erasure/cancel")
@landing.get("/me/<token>/erasure/now")
@landing.get("/me/<token>/facts")
@landing.get("/me/<token>/forgotten")
@landing.get("/me/<token>/introduction")
@landing.get("/me/<token>/items")
@landing.get("/me/<token>/leave")
@landing.get("/me/<token>/mistaken")
@landing.get("/me/<token>/number")
@landing.get("/me/<token>/openings")
@landing.get("/me/<token>/openings/withdrawal")
@landing.get("/me/<token>/objection")
@landing.get("/me/<token>/outcomes")
@landing.get("/me/<token>/outcomes/consent")
@landing.get("/me/<token>/outcomes/withdrawal")
@landing.get("/me/<token>/pause")
@landing.get("/me/<token>/pause/end")
@landing.get("/me/<token>/purpose")
@landing.get("/me/<token>/related")
@landing.get("/me/<token>/related/withdrawal")
@landing.get("/me/<token>/requests")
@landing.get("/me/<token>/stop")
@landing.get("/me/<token>/withdrawal")
def own_back(token: str) -> AnyResponse:
    """Lead a phone that opens its last address again, after an answer on it, back to the page."""
    return back(token)


@landing.post("/me/<token>/number")
def own_number(token: str) -> AnyResponse:
    """Compare the number and let the browser in."""
    profile_id = mailed(token).subject_id
    try:
        compared = own_session.try_number(profile_id, request.form.get("number", ""))
    except pins.PinMalformed as error:
        return _door(profile_id, status=422, trouble=str(error))
    if compared is not None:
        response = redirect(url_for(".own_page", token=token), 303)
        with short_write() as session:
            if pins.accept(session, profile_id, compared):
                return own_session.enter(session, response, profile_id, token)
    return _door(profile_id, status=422, wrong=True)


@landing.post("/me/<token>/forgotten")
def own_forgotten(token: str) -> AnyResponse:
    """Mail a link to choose another number; the answer is the same whether the day's mails are used up."""
    pins.mail_choice(db.session(), mailed(token).subject_id)
    db.session.commit()
    return back(token, "mailed")


@landing.post("/me/<token>/leave")
def own_leave(token: str) -> AnyResponse:
    """Close the page on this browser and every other."""
    own_session.leave(db.session(), mailed(token).subject_id)
    db.session.commit()
    return back(token, "left")


def mailed(token: str) -> Token:
    """Return the token behind a mailed link of an own page. Raises LinkGone."""
    return find(db.session(), token, TokenPurpose.OWN_PAGE)


def inside(token: str) -> Token:
    """Return the token, for an act that needs the number. Raises LinkGone, NumberWanted."""
    found = mailed(token)
    if not own_session.is_inside(db.session(), found.subject_id):
        raise own_session.NumberWanted
    return found


def back(token: str, done: str = "") -> AnyResponse:
    """Lead to the page after an act, which it then says in a notice."""
    return redirect(url_for(".own_page", token=token, done=done or None), 303)


@landing.errorhandler(own_session.NumberWanted)
def number_wanted(_error: own_session.NumberWanted) -> AnyResponse:
    """Ask for the number again after half an hour, and say that nothing was changed."""
    db.session.rollback()
    return back((request.view_args or {})["token"], "expired")


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
        address_waits=new_address.is_asked(session, profile_id),
        erase_at=profiles.erase_at(session, profile_id),
    )


def show(profile_id: int, *, status: int = 200, done: str = "", **told: Any) -> Response:
    """Return the page behind the number. `done` names the act it answers, `told` what else an act has to say:

    `trouble` (a sentence), and what reopens a form of the page as it was sent.
    """
    session = db.session()
    former, keepers = consents.former(session, profile_id), own_requests.keepers(session, profile_id)
    seen = _seen(profile_id)
    erase_at, paused_until = profiles.erase_at(session, profile_id), profiles.paused_until(session, profile_id)
    facts, hidden = corrections.facts(session, profile_id), corrections.hidden(session, profile_id)
    written = facts | {"phone": format_phone(facts["phone"])}
    told.setdefault("facts_form", CorrectionForm(None, data=written, hidden=hidden))
    return page(
        "landing/own.html",
        status=status,
        standing=consents.standing(session, profile_id),
        recipient_items=item_choices.forms(session, profile_id),
        second_purposes=placement.choices(session, profile_id),
        has_earlier=consents.has_earlier(session, profile_id),
        former=former,
        openings=[(each, _openings_words(each)) for each in next_openings.of_profile(session, profile_id)],
        related=related_consents.of_profile(session, profile_id),
        outcomes=outcomes.of_profile(session, profile_id),
        outcome_kinds=OutcomeKind.of(None),
        outcome_choices=outcome_consents.of_profile(session, profile_id),
        offers=[] if erase_at or paused_until else consents.more(session, profile_id),
        question=new_contents.question(session, profile_id),
        renewals=renewals.offers(session, profile_id),
        confirm_by=confirmations.question(session, profile_id),
        confirm_months=confirmations.ASK_AFTER.months,
        today=clock.today(),
        consent_months=CONSENT_MONTHS,
        mistaken=mistaken.questions(session, profile_id),
        facts=profiles.item_values(facts),
        waiting_address=new_address.waiting(session, profile_id),
        hidden=hidden,
        facts_opened=marks(facts),
        seen=[(each, profiles.item_labels(each.items)) for each in seen.rows],
        older_url=_records_url(before=seen.next),
        newer_url=_records_url(after=seen.previous),
        ends_on=profiles.last_day(session, profile_id),
        kept_days=profiles.KEPT_DAYS,
        done=done,
        withdrawn=_last_withdrawal(former) if done == "withdrawn" else None,
        erase_at=erase_at,
        paused_until=paused_until,
        pause_days=own_pages.pause_days(),
        coming_mails=coming_mails.of_profile(session, profile_id),
        offers_a_year=rescout_people.A_YEAR,
        keepers=keepers,
        record_users=own_requests.users_of_the_record(session, keepers),
        partner_records=_kept_by_partners(profile_id),
        record_days=PARTNER_RECORD.number,
        most=data_requests.MAX_TEXT,
        rating=ratings.asked(session, profile_id) if done == "registered" else None,
        rating_answers=list(RatingAnswer),
        enough=ENOUGH,
        outlook=own_erasure.outlook(session, profile_id),
        minutes=own_session.LIFETIME.total_seconds() // 60 if own_session.LIFETIME else 0,
        **told,
    )


def _kept_by_partners(profile_id: int) -> dict[int, KeptByPartner]:
    session = db.session()
    found = partner_records.of_profile(session, profile_id, since=visible_since(session, profile_id))
    return {each.partner_id: each for each in found}


def _openings_words(wish: next_openings.Wish) -> tuple[str, str]:
    return openings_words(db.session(), wish.company_id, wish.company)


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
