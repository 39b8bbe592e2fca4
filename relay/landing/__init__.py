"""The candidates' pages behind mailed links: no login, no cookie, nothing stored shown.

A page acts through the verbs of network and rights alone, for the person whose link or number opened it.
"""

from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from relay.access.csrf import link_csrf
from relay.access.guards import link_holders, load_views, surface
from relay.candidates.age import MINIMUM_AGE
from relay.extensions import db
from relay.landing.arrival import write_letterhead
from relay.models import scopes
from relay.network import mistaken
from relay.network.links import LinkGone, LinkSentByMistake
from relay.network.partnerships import ASKED_OF_NOBODY
from relay.trust import privacy
from relay.web import page

landing = surface("landing", __name__, guard=link_holders)


@landing.context_processor
def letterhead() -> dict[str, Any]:
    """Return who writes, and the CSRF value of the link: what every page behind a link carries."""
    token = (request.view_args or {}).get("token", "")
    company = g.get("letterhead")
    slug = privacy.public_slug(db.session(), company.id) if company else None
    return {
        "company": company,
        "company_name": company.name if company else "",
        "privacy_url": url_for("landing.careers_privacy", slug=slug) if slug else "",
        "link_csrf": link_csrf(token) if token else "",
        "minimum_age": MINIMUM_AGE,
        "asked_of_nobody": ASKED_OF_NOBODY,
    }


@landing.errorhandler(LinkGone)
def link_gone(error: LinkGone) -> Response:
    """Expired, revoked and unknown links look the same (C-20); the words depend on the kind of link alone."""
    db.session.rollback()
    g.pop("letterhead", None)
    return page(
        "landing/gone.html",
        "components/_error.html",
        status=404,
        code=404,
        title=_("このリンクは、いまは使えません"),
        text=str(error),
        kind=(request.endpoint or "").partition(".")[2].partition("_")[0],
    )


@landing.errorhandler(LinkSentByMistake)
def link_sent_by_mistake(error: LinkSentByMistake) -> Response:
    """Say so alike to everybody who opens it, registered or not, and name whom to call."""
    session = db.session()
    session.rollback()
    write_letterhead(session, error.company_id)
    with scopes.company(session, error.company_id):
        contact = mistaken.contact(session, error.link_id)
    return page(
        "landing/mistaken.html",
        "components/_error.html",
        status=410,
        code=410,
        title=_("このご案内は、誤って送られたものでした"),
        text=str(error),
        contact=contact,
    )


load_views(__name__)
