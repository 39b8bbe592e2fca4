"""The operator of this installation, and how it treats profiles: open to everyone, without a link or a cookie."""

from flask import Response

from relay.extensions import db
from relay.identity import installation
from relay.landing import landing
from relay.models.retention import Audience
from relay.network.consent_texts import CONSENT_MONTHS
from relay.network.profiles import ITEMS
from relay.trust import retention_notice
from relay.web import page


@landing.get("/about")
def about() -> Response:
    """Show the operator's name, address and contact; before they are known, those of the company answering for it."""
    return page("landing/about.html", operator=installation.operator(db.session()))


@landing.get("/about/privacy")
def about_privacy() -> Response:
    """Show the operator's own notice on profiles and own pages: items, purposes, terms, whom to ask (A-44)."""
    session = db.session()
    return page(
        "landing/about_privacy.html",
        operator=installation.operator(session),
        hires=installation.operator_hires(session),
        items=[str(label) for label in ITEMS.values()],
        consent_months=CONSENT_MONTHS,
        retention_lines=retention_notice.of(Audience.OPERATOR),
    )
