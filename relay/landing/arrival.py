"""Arriving by a mailed link: from the secret in the address to the row it opens, or LinkGone (C-17, C-20)."""

from typing import NamedTuple

from flask import g, request
from flask_babel import get_locale
from sqlalchemy.orm import Session

from relay.mail import tokens
from relay.models import RelayLink, Token, TokenPurpose, scopes
from relay.network import links
from relay.network.granting import Evidence
from relay.network.partner_options import sharing_company


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


def evidence() -> Evidence:
    """Return the circumstances of this request, as a consent keeps them (A-11)."""
    return Evidence(request.remote_addr or "", request.user_agent.string, str(get_locale() or "ja"))
