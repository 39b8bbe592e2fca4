"""Links that a company hands to its people itself: in a file for a mail merge, or one copied from a record.

HR holds such a link, so it proves no address and opens nothing that is stored. Its page mails the application's relay
link to the address the company has, by the rule of result mails; whether it was opened or used changes nothing that
the company sees (A-45). Unused for 14 days, it ends.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask_babel import format_date
from sqlalchemy import case, exists, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import outbox, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    EventTag,
    LinkState,
    MailClass,
    Message,
    RelayLink,
    Token,
    TokenPurpose,
    event_data,
    record,
    scopes,
)
from relay.network import company_links, links
from relay.network.consent_texts import listed
from relay.network.links import RELAY_LINK

LETTER = "handed-link"
LIFETIME = timedelta(days=14)
"""How long a handed link lives unless it is used."""
HANDED_LINK = Link(TokenPurpose.HANDED_LINK, lifetime=LIFETIME, path="/f/")


class LinkRecipient(NamedTuple):
    """A rejected applicant who is to be given a link."""

    application_id: int
    candidate_id: int
    email: str
    kept_until: date | None


def hand_out(session: Session, company_id: int, people: Sequence[LinkRecipient]) -> dict[int, str]:
    """Make a link for each application and return its address, for the only time: application → address.

    The caller has asked `links.refusals`. Until HR says that these people were told, their relay links are not sent.
    """
    with scopes.company(session, company_id):
        _prepare(session, company_id, people)
        whose = {each.application_id: each.candidate_id for each in people}
        made = tokens.mint_each(session, TokenPurpose.HANDED_LINK, whose, company_id=company_id)
        record(session, EventTag.LINKS_HANDED_OUT, company_id=company_id, data=event_data.Counted(count=len(made)))
    return {id_: tokens.url_of(TokenPurpose.HANDED_LINK, token) for id_, token in made.items()}


def mark_sent(session: Session, company_id: int, application_ids: Sequence[int]) -> None:
    """Mark the relay links of those who were handed one as sent: HR has said that these people were told."""
    handed = exists().where(Token.purpose == TokenPurpose.HANDED_LINK, Token.subject_id == RelayLink.application_id)
    with scopes.company(session, company_id):
        session.execute(
            update(RelayLink)
            .where(RelayLink.application_id.in_(application_ids), RelayLink.sent_at.is_(None), handed)
            .values(
                sent_at=clock.now(),
                state=case((RelayLink.state == LinkState.ISSUED, LinkState.SENT), else_=RelayLink.state),
            )
        )


def ask(session: Session, token: Token) -> None:
    """Queue the mail with the relay link, and let the token live as long as that.

    None leaves where the rejection was taken back, the rule of result mails leaves the person out, or a link was mailed
    to this mailbox within a day; the answer is the same. Raises LinkGone where the application is gone.
    """
    company_id = scopes.required(token.company_id)
    with scopes.company(session, company_id):
        found = session.execute(
            select(Application.candidate_id, Application.status, Candidate.email)
            .join(Candidate, Candidate.id == Application.candidate_id)
            .where(Application.id == token.subject_id)
        ).one_or_none()
        if found is None:
            raise links.LinkGone
        token.expires_at = max(token.expires_at or clock.now(), clock.now() + links.LIFETIME)
        if found.status is not ApplicationResult.REJECTED or not company_links.is_open(session, company_id):
            return
        if links.refusals(session, company_id, [found.candidate_id]):
            return
        if company_links.was_written_to(session, found.email):
            return
        outbox.queue(
            session,
            LETTER,
            company_id=company_id,
            to=found.email,
            subject=("application", token.subject_id),
            candidate_id=found.candidate_id,
        )


def _prepare(session: Session, company_id: int, people: Sequence[LinkRecipient]) -> None:
    """Write the relay link of each application that has none yet."""
    ids = [each.application_id for each in people]
    there = set(session.scalars(select(RelayLink.application_id).where(RelayLink.application_id.in_(ids))))
    session.add_all(
        RelayLink(
            company_id=company_id,
            candidate_id=each.candidate_id,
            application_id=each.application_id,
            address_hash=address_hash(each.email),
            state=LinkState.ISSUED,
            issued_at=clock.now(),
            expires_at=links.expiry(each.kept_until),
        )
        for each in people
        if each.application_id not in there
    )
    session.flush()


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    company = session.scalars(select(Company).where(Company.id == message.company_id)).one()
    mailed = links.of_application(session, company.id, message.subject_id or 0)
    until = mailed.expires_at if mailed else links.expiry(None)
    return {
        "relay_url": link(TokenPurpose.RELAY),
        "until": format_date(until.astimezone(clock.JAPAN).date(), "long"),
        "company": company.name,
        "whom": listed([each for each in (company.name, company.address, company.contact) if each]),
    }


def _mint(session: Session, message: Message) -> dict[str, str]:
    application = session.scalars(select(Application).where(Application.id == message.subject_id)).one()
    issued = links.issue(session, application=application, address=message.to_address)
    return {RELAY_LINK.key: tokens.url_of(TokenPurpose.RELAY, links.mint(session, issued, message.id))}


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=_mint,
        link=RELAY_LINK,
    ),
)
