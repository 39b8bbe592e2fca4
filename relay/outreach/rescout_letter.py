"""The letter of 再スカウト: the company's words about an open position, and the link behind which the person answers.

It is promotion by law (C-1): it shows the sender and how to stop its like, and counts as an unasked mail.
"""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.infra.keyed_hash import address_hash
from relay.mail import tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import MailClass, Message, Position, PositionState, Rescout, TokenPurpose, scopes
from relay.outreach import letter, rescout_people

NAME = rescout_people.LETTER
FACTS = "facts"
"""Value of a mail: the terms of the position as they were shown, pairs of label and text."""
AGAIN_PAGE = Link(TokenPurpose.RESCOUT, lifetime=timedelta(days=60), path="/again/", key="again_url")


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    subject, paragraphs = letter.texts(session, message)
    return {
        "subject": subject,
        "paragraphs": [paragraph.split("\n") for paragraph in paragraphs],
        "facts": [tuple(pair) for pair in message.values.get(FACTS, ())],
        "days": AGAIN_PAGE.lifetime.days if AGAIN_PAGE.lifetime else 0,
        "most": rescout_people.A_YEAR,
        AGAIN_PAGE.key: link(TokenPurpose.RESCOUT),
    }


def _mint(session: Session, message: Message) -> dict[str, str]:
    sent = session.scalars(select(Rescout.id).where(Rescout.message_id == message.id)).one()
    token = tokens.mint(
        session,
        TokenPurpose.RESCOUT,
        sent,
        company_id=message.company_id,
        candidate_id=message.candidate_id,
        message_id=message.id,
        address_hash=address_hash(message.to_address),
    )
    return {AGAIN_PAGE.key: tokens.url_of(TokenPurpose.RESCOUT, token)}


def _has_lapsed(session: Session, message: Message) -> bool:
    """Return whether the company hires for the position no more, or the person may be written to no longer."""
    mine = select(Rescout.candidate_id, Position.id, Position.state).join(Position, Position.id == Rescout.position_id)
    sent = session.execute(mine.where(Rescout.message_id == message.id)).one_or_none()
    if sent is None or sent.state is not PositionState.OPEN:
        return True
    company_id = scopes.required(message.company_id)
    found = rescout_people.recipients(session, company_id, sent.id, [sent.candidate_id], leaving=True)
    return not any(each.bar is None and each.email == message.to_address for each in found)


LETTERS = (
    Letter(
        name=NAME,
        mail_class=MailClass.PROMO,
        route=MailRoute.COMPANY,
        context=_context,
        mint=_mint,
        link=AGAIN_PAGE,
        has_lapsed=_has_lapsed,
        called=_l("再スカウト"),
        shown_on_record=True,
        listed_in_outbox=True,
        spares_nights=True,
        unasked=True,
        most_a_year=rescout_people.A_YEAR,
    ),
)
