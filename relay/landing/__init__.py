"""The candidates' pages behind mailed links: no login, no cookie, nothing stored shown.

A page acts through the verbs of network and rights alone, for the person whose link or number opened it.
"""

from flask import Response, g, request
from flask_babel import gettext as _

from relay.access.guards import link_holders, load_views, surface
from relay.extensions import db
from relay.landing.arrival import letterhead, write_letterhead
from relay.models import scopes
from relay.network import mistaken
from relay.network.links import LinkGone, LinkSentByMistake
from relay.web import page

landing = surface("landing", __name__, guard=link_holders)


landing.context_processor(letterhead)


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
