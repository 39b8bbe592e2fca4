"""The candidate's own page: consents, withdrawal, one more consent, and what was provided (A-13, A-16).

The link is enough to withdraw and to see states, not to read what was written: names and contacts are not shown.
"""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import evidence, find
from relay.models import TokenPurpose
from relay.network import consents, ending, wording
from relay.network.consents import FormerConsent
from relay.trust import provisions
from relay.web import page


@landing.get("/me/<token>")
def own_page(token: str) -> Response:
    """Who has the person's yes, who looked and when, and whom else they may choose."""
    session = db.session()
    profile_id = find(session, token, TokenPurpose.OWN_PAGE).subject_id
    return _page(profile_id, done=request.args.get("done", ""))


@landing.get("/me/<token>/withdrawal")
@landing.get("/me/<token>/consent")
def own_back(token: str) -> AnyResponse:
    """A phone that opens its last address again, after an answer on it, is led back to the page."""
    return redirect(url_for(".own_page", token=token), 303)


@landing.post("/me/<token>/withdrawal")
def own_withdrawal(token: str) -> AnyResponse:
    """Take one yes back, at once; asking again is harmless."""
    session = db.session()
    profile_id = find(session, token, TokenPurpose.OWN_PAGE).subject_id
    consents.withdraw(session, profile_id, _partner_id())
    session.commit()
    return redirect(url_for(".own_page", token=token, done="withdrawn"), 303)


@landing.post("/me/<token>/consent")
def own_consent(token: str) -> AnyResponse:
    """Say yes to one more partner, under the words shown here; without a tick nothing is given (A-10)."""
    session = db.session()
    mailed = find(session, token, TokenPurpose.OWN_PAGE)
    profile_id, partner_id = mailed.subject_id, _partner_id()
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


def _page(
    profile_id: int, *, status: int = 200, done: str = "", trouble: str = "", opened: int = 0, unticked: bool = False
) -> Response:
    session = db.session()
    former = consents.former(session, profile_id)
    seen = provisions.of_profile(session, profile_id)
    return page(
        "landing/own.html",
        status=status,
        standing=consents.standing(session, profile_id),
        former=former,
        offers=consents.more(session, profile_id),
        seen=[(each, wording.item_labels(each.items)) for each in seen],
        done=done,
        withdrawn=_last_withdrawal(former) if done == "withdrawn" else None,
        trouble=trouble,
        opened=opened,
        unticked=unticked,
    )


def _last_withdrawal(former: list[FormerConsent]) -> FormerConsent | None:
    return next((each for each in former if each.way not in {"expired", ending.WAY}), None)


def _partner_id() -> int:
    return request.form.get("partner", default=0, type=int)
