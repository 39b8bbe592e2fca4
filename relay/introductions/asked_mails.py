"""The way from the mail that asks an agency to the page on which its reader answers, without signing in.

The token belongs to the request and to the address the mail went to; it opens the page for as long as that address is a
login of the agency that was asked, and shows no person.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.infra.keyed_hash import address_hash
from relay.mail import tokens
from relay.mail.tokens import Link
from relay.models import IntroductionRequest, Message, TokenPurpose, User, scopes

PAGE = Link(TokenPurpose.INTRODUCTION_REQUEST, lifetime=timedelta(days=60), path="/asked/", key="asked_url")


@dataclass(frozen=True)
class AskedReader:
    """The login whose mail it is."""

    partner_id: int
    user_id: int


def mint(session: Session, message: Message) -> dict[str, str]:
    """Make the token of a mail that asks, while it is sent."""
    with scopes.partner(session, message.values["partner_id"]):
        company_id = select(IntroductionRequest.company_id).where(IntroductionRequest.id == message.subject_id)
        token = tokens.mint(
            session,
            PAGE.purpose,
            scopes.required(message.subject_id),
            company_id=session.scalars(company_id).one(),
            message_id=message.id,
            address_hash=address_hash(message.to_address),
        )
    return {PAGE.key: tokens.url_of(PAGE.purpose, token)}


def reader_of(session: Session, company_id: int, request_id: int, hashed: str) -> AskedReader | None:
    """Return the login of the asked agency whose address has this hash; None once it left."""
    with scopes.company(session, company_id):
        asked = select(IntroductionRequest.partner_id).where(IntroductionRequest.id == request_id)
        partner_id = session.scalars(asked).one_or_none()
    if partner_id is None:
        return None
    with scopes.partner(session, partner_id):
        working = select(User.id, User.email).where(User.partner_id == partner_id, User.disabled_at.is_(None))
        readers = [user_id for user_id, email in session.execute(working) if address_hash(email) == hashed]
    return AskedReader(partner_id, readers[0]) if readers else None
