"""The page behind a practice mail: the relay page as a candidate sees it, marked, and counting for nothing."""

from typing import Any

from flask import Response, g, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.landing import landing
from relay.landing.forms import RelayForm
from relay.models import PartnerKind
from relay.network import consent_texts, partner_options
from relay.network.links import LinkGone
from relay.outreach import practice
from relay.outreach.practice import PracticeLink
from relay.web import done, page


@landing.get("/practice/<token>")
def practice_page(token: str) -> Response:
    """Show the offer as it would be in earnest, with the company's partners or the one made for practice."""
    return _offer_page(token, _arrive(token), RelayForm(None), status=200)


@landing.post("/practice/<token>")
def practice_answer(token: str) -> AnyResponse:
    """Check the form as in earnest, and keep what was typed for the member who practises."""
    arrival = _arrive(token)
    form = RelayForm()
    if not form.validate():
        return _offer_page(token, arrival, form, status=422)
    try:
        practice.register(db.session(), token, form.partner.data, form.fields, form.typed_address)
    except LinkGone:
        raise
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(str(error))
        return _offer_page(token, _arrive(token), form, status=422)
    db.session.commit()
    return _answered(token, arrival, "registered")


@landing.get("/practice/<token>/done")
def practice_done(token: str) -> Response:
    """Show what the answer came to, and where to look next."""
    arrival = _arrive(token)
    return page("landing/practice_done.html", state=request.args.get("state", ""), arrival=arrival)


def _arrive(token: str) -> PracticeLink:
    arrival = practice.arrive(db.session(), token)
    g.letterhead = arrival.company
    return arrival


def _answered(token: str, arrival: PracticeLink, state: str) -> AnyResponse:
    return done(
        "landing/_practice_done.html",
        go_to=url_for(".practice_done", token=token, state=state),
        state=state,
        arrival=arrival,
    )


def _offer_page(token: str, arrival: PracticeLink, form: RelayForm, *, status: int) -> Response:
    kinds = {partner.kind for partner in arrival.partners}
    context: dict[str, Any] = {
        "offer": arrival,
        "form": form,
        "groups": partner_options.gathered(arrival.partners),
        "has_agency": PartnerKind.AGENCY in kinds,
        "has_school": PartnerKind.SCHOOL in kinds,
        "refusing": consent_texts.REFUSING,
        "only_agency": sum(each.kind is PartnerKind.AGENCY for each in arrival.partners) == 1,
        "gain": consent_texts.gain(partner_options.context(db.session(), [arrival.company])),
        "waiting": False,
        "answer_url": url_for(".practice_answer", token=token),
    }
    return page("landing/practice.html", "landing/_practice.html", status=status, **context)
