"""The way from the mail that asks an agency to the page on which its reader answers, without signing in.

The token belongs to the request and to the address the mail went to, and shows no person. It opens the page while that
address is a login of the agency that was asked and the partnership lasts, until KEPT after the turn or the end of the
request; a new password, a factor that was taken away and a login that was shut end it at once (relay.identity).
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import tokens
from relay.mail.tokens import Link
from relay.models import IntroductionRequest, Message, Partnership, TokenPurpose, User, scopes

KEPT = timedelta(days=14)
"""So long after the turn it was mailed in, the page still opens; that of a request which ended, after its end."""
PAGE = Link(TokenPurpose.INTRODUCTION_REQUEST, lifetime=KEPT, path="/asked/", key="asked_url")


@dataclass(frozen=True)
class AskedReader:
    """The login whose mail it is."""

    partner_id: int
    user_id: int


def mint(session: Session, message: Message) -> dict[str, str]:
    """Make the token of a mail that asks, while it is sent."""
    with scopes.partner(session, message.values["partner_id"]):
        asked = select(IntroductionRequest.company_id, IntroductionRequest.due_on)
        company_id, due_on = session.execute(asked.where(IntroductionRequest.id == message.subject_id)).one()
        turn = clock.end_of_day(due_on) - clock.now() if due_on is not None else timedelta()
        token = tokens.mint(
            session,
            PAGE.purpose,
            scopes.required(message.subject_id),
            company_id=company_id,
            message_id=message.id,
            address_hash=address_hash(message.to_address),
            lifetime=max(turn, timedelta()) + KEPT,
        )
    return {PAGE.key: tokens.url_of(PAGE.purpose, token)}


def reader_of(session: Session, company_id: int, request_id: int, hashed: str) -> AskedReader | None:
    """Return the login of the asked agency whose address has this hash.

    None once it left, the partnership in which it was asked ended, or the request ended longer ago than KEPT.
    """
    with scopes.company(session, company_id):
        asked = (
            select(IntroductionRequest.partner_id)
            .join(Partnership, Partnership.partner_id == IntroductionRequest.partner_id)
            .where(
                IntroductionRequest.id == request_id,
                or_(IntroductionRequest.ended_at.is_(None), IntroductionRequest.ended_at > clock.now() - KEPT),
                Partnership.ended_at.is_(None),
                Partnership.created_at <= IntroductionRequest.made_at,
            )
        )
        partner_id = session.scalars(asked).one_or_none()
    if partner_id is None:
        return None
    with scopes.partner(session, partner_id):
        working = select(User.id, User.email).where(User.partner_id == partner_id, User.disabled_at.is_(None))
        readers = [user_id for user_id, email in session.execute(working) if address_hash(email) == hashed]
    return AskedReader(partner_id, readers[0]) if readers else None
