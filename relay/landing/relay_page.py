"""The page behind a relay link: what is offered, registering, asking for the own page. A "no" is no request (A-45)."""

from typing import Any

from flask import Response, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.errors import DomainError
from relay.extensions import db, short_write
from relay.landing import landing, own_session
from relay.landing.arrival import OpenedRelayLink, arrive, evidence
from relay.landing.forms import RelayForm
from relay.models import LinkState, PartnerKind, PendingRegistration, RelayLink
from relay.network import (
    consent_texts,
    links,
    new_contents,
    own_pages,
    partner_options,
    pending,
    registration,
)
from relay.network.consent_texts import openings_words
from relay.network.granting import RegistrationResult
from relay.network.partner_options import RegistrationOptions
from relay.network.pins import PinGuessable
from relay.network.registration import PartnerChoices
from relay.web import done, page


@landing.get("/r/<token>")
def relay_page(token: str) -> Response:
    """Show the offer, or that the link was used. Only the first visit is remembered, never for HEAD (invariant 7)."""
    session = db.session()
    link = arrive(session, token).link
    company_id, link_id, seen = link.company_id, link.id, link.visited_at is not None
    if link.state is LinkState.REGISTERED:
        response = page("landing/used.html", mailed="mailed" in request.args, most=own_pages.MAX_A_DAY)
    else:
        response = _offer_page(link, partner_options.registration_options(session, link), _form(link), status=200)
    if request.method == "GET" and not seen:
        with short_write() as writing:
            links.visit(writing, company_id, link_id)
    return response


@landing.post("/r/<token>")
def relay_answer(token: str) -> AnyResponse:
    """Register with the chosen recipients. Sending the same twice changes nothing."""
    session = db.session()
    arrival = arrive(session, token)
    link = arrival.link
    if link.state is LinkState.REGISTERED:
        return _answered(token, "registered")
    form = RelayForm()
    if not form.validate():
        return _offer_page(link, partner_options.registration_options(session, link), form, status=422)
    try:
        outcome = _register(arrival, form)
    except links.LinkGone:
        raise
    except PinGuessable as error:
        return _guessable(token, form, error)
    except DomainError as error:
        return _changed(token, form, error)
    if outcome.profile_id is not None:
        return _enter(outcome.profile_id)
    session.commit()
    return _answered(token, outcome.state.value, outcome=outcome)


@landing.get("/r/<token>/done")
def relay_done(token: str) -> AnyResponse:
    """Show what the answer came to, by the state of the link alone."""
    session = db.session()
    link = arrive(session, token).link
    if (state := _state(link)) is None:
        return redirect(url_for(".relay_page", token=token), 303)
    return page("landing/done.html", **_done_context(token, state, again=request.args.get("again", "")))


@landing.post("/r/<token>/own-page")
def relay_own_page(token: str) -> AnyResponse:
    """Mail the link of the own page to the registered address, which is not shown (C-19)."""
    session = db.session()
    link = arrive(session, token).link
    if link.state is LinkState.REGISTERED:
        registration.mail_own_page(session, link)
        session.commit()
    return redirect(url_for(".relay_page", token=token, mailed=1), 303)


def _form(link: RelayLink) -> RelayForm:
    """Return the empty form; or as it was filled in, for the browser whose registration waits for its other address."""
    typed = pending.typed_form(db.session(), link, request.args.get("again", ""))
    if typed is None:
        return RelayForm(None)
    chosen = [each["partner_id"] for each in typed.evidence["agreed"]]
    jobs = [each["partner_id"] for each in typed.evidence["agreed"] if new_contents.introduces_jobs(each["purpose"])]
    wished = {"jobs": jobs, "openings": typed.evidence.get("openings", False)}
    return RelayForm(
        None, data=typed.fields | {"partner": chosen, "address": "other", "other_address": typed.email} | wished
    )


def _enter(profile_id: int) -> AnyResponse:
    """Open the own page at once for the browser that registered (C-19)."""
    session = db.session()
    own = own_session.mint_way_in(session, profile_id)
    response = done(None, go_to=url_for(".own_page", token=own, done="registered"))
    own_session.enter(session, response, profile_id, own)
    session.commit()
    return response


def _register(arrival: OpenedRelayLink, form: RelayForm) -> RegistrationResult:
    chosen, jobs = tuple(form.partner.data), tuple(form.jobs.data)
    shown = {
        partner_id: request.form.get(f"shown-jobs-{partner_id}" if partner_id in jobs else f"shown-{partner_id}", "")
        for partner_id in chosen
    }
    return registration.register(
        db.session(),
        arrival.link,
        token_id=arrival.token_id,
        choices=PartnerChoices(chosen, shown, form.openings.data, jobs),
        fields=form.fields,
        address=form.typed_address,
        number=form.number.data or "",
        evidence=evidence(),
    )


def _changed(token: str, form: RelayForm, error: DomainError) -> Response:
    """Show the present offer where it changed under an open page: keep what was written, tick nothing."""
    session = db.session()
    session.rollback()
    link = arrive(session, token).link
    form.partner.data, form.jobs.data = [], []
    form.form_errors.append(str(error))
    return _offer_page(link, partner_options.registration_options(session, link), form, status=422)


def _guessable(token: str, form: RelayForm, error: PinGuessable) -> Response:
    """Refuse a number that others would try; everything else stays as it was typed and ticked."""
    session = db.session()
    session.rollback()
    link = arrive(session, token).link
    form.number.errors = [str(error)]
    return _offer_page(link, partner_options.registration_options(session, link), form, status=422)


def _offer_page(link: RelayLink, offer: RegistrationOptions, form: RelayForm, *, status: int) -> Response:
    kinds = {partner.kind for partner in offer.partners}
    context = partner_options.context(db.session(), [offer.company])
    return page(
        "landing/relay.html",
        "landing/_offer.html",
        status=status,
        offer=offer,
        form=form,
        groups=partner_options.gathered(offer.partners),
        has_agency=PartnerKind.AGENCY in kinds,
        has_school=PartnerKind.SCHOOL in kinds,
        refusing=consent_texts.REFUSING,
        only_agency=sum(each.kind is PartnerKind.AGENCY for each in offer.partners) == 1,
        known=consent_texts.known(context),
        gain=consent_texts.gain(context),
        waiting=_state(link) == "confirm-address",
        openings=openings_words(db.session(), offer.company.id, offer.company.name)
        if offer.company.told_result
        else None,
    )


def _answered(token: str, state: str, outcome: RegistrationResult | None = None) -> AnyResponse:
    again = outcome.again if outcome else ""
    return done(
        "landing/_done.html",
        go_to=url_for(".relay_done", token=token, again=again or None),
        **_done_context(token, state, outcome, again=again),
    )


def _done_context(
    token: str, state: str, outcome: RegistrationResult | None = None, *, again: str = ""
) -> dict[str, Any]:
    return {
        "state": state,
        "outcome": outcome,
        "relay_url": url_for(".relay_page", token=token, again=again or None),
    }


def _state(link: RelayLink) -> str | None:
    """Return how the link was answered: registered, waiting for another address to be confirmed, or not yet."""
    if link.state is LinkState.REGISTERED:
        return "registered"
    waiting = select(PendingRegistration.id).where(
        PendingRegistration.relay_link_id == link.id, PendingRegistration.expires_at > clock.now()
    )
    return "confirm-address" if db.session.scalar(waiting) is not None else None
