"""Arriving by a mailed link: from the secret in the address to the row it opens, or LinkGone (C-17, C-20)."""

from typing import Any, NamedTuple

from flask import g, request, url_for
from flask_babel import get_locale
from sqlalchemy.orm import Session

from relay.access.csrf import link_csrf
from relay.candidates.age import MINIMUM_AGE
from relay.extensions import db
from relay.mail import tokens
from relay.models import RelayLink, Token, TokenPurpose, scopes
from relay.network import links
from relay.network.granting import Evidence
from relay.network.partner_options import sharing_company
from relay.network.partnerships import ASKED_OF_NOBODY
from relay.trust import privacy


class OpenedRelayLink(NamedTuple):
    """A valid relay link, and the token by which it was opened."""

    token_id: int
    link: RelayLink


def find(session: Session, text: str, purpose: TokenPurpose) -> Token:
    """Return the living token of this purpose. Raises LinkGone."""
    token = tokens.find(session, text, purpose)
    if token is None:
        raise links.LinkGone
    return token


def arrive(session: Session, text: str) -> OpenedRelayLink:
    """Return the relay link behind the secret, its company named at the head of the page. Raises LinkGone."""
    token = find(session, text, TokenPurpose.RELAY)
    company_id = scopes.required(token.company_id)
    with scopes.company(session, company_id):
        link = links.load(session, token.subject_id)
    write_letterhead(session, company_id)
    return OpenedRelayLink(token.id, link)


def write_letterhead(session: Session, company_id: int) -> None:
    """Name the company at the head and foot of the page. Raises LinkGone when there is no such company any more."""
    g.letterhead = sharing_company(session, company_id)


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


def evidence() -> Evidence:
    """Return the circumstances of this request, as a consent keeps them (A-11)."""
    return Evidence(request.remote_addr or "", request.user_agent.string, str(get_locale() or "ja"))
