"""The letters that invite staff. The one to a new partner is the network's, and takes its link from here."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_date
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity.roles import WORDS
from relay.mail import outbox, tokens
from relay.mail.final_state import mark_final
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Company,
    Invitation,
    InvitationKind,
    MailClass,
    Message,
    MessageState,
    Partner,
    TokenPurpose,
    User,
    scopes,
)
from relay.text import mailed_name

NAMES = {
    InvitationKind.MEMBER: "invite-member",
    InvitationKind.AGENT: "invite-agent",
    InvitationKind.PARTNER: "invite-partner",
}
INVITE_LINK = Link(TokenPurpose.INVITE, lifetime=timedelta(hours=72), path="/invite/", key="invite_url")
SUBJECT = "invitation"
REASON = "invitation: its mail belongs to a company or to none, and is found by the invitation"


def send(session: Session, invitation: Invitation, by_user_id: int | None) -> None:
    """Queue the mail of an invitation, whose link lives as long as the invitation does."""
    with scopes.everyone(session, REASON):
        outbox.queue(
            session,
            NAMES[invitation.kind],
            company_id=invitation.company_id,
            to=invitation.email,
            subject=(SUBJECT, invitation.id),
            by_user_id=by_user_id,
        )


def take_back(session: Session, invitation: Invitation) -> None:
    """Stop what still waits of an invitation's mails, and close the links of those that left."""
    tokens.revoke(session, TokenPurpose.INVITE, invitation.id)
    with scopes.everyone(session, REASON):
        waiting = select(Message).where(
            Message.letter == NAMES[invitation.kind],
            Message.subject_kind == SUBJECT,
            Message.subject_id == invitation.id,
            Message.state == MessageState.SCHEDULED,
        )
        for message in session.scalars(waiting.with_for_update()):
            mark_final(session, message, MessageState.CANCELLED)


def still_open(invitation: Invitation) -> bool:
    """Return whether an invitation can be accepted: neither accepted nor taken back, and in time."""
    return invitation.accepted_at is None and invitation.revoked_at is None and invitation.expires_at > clock.now()


def mint(session: Session, message: Message) -> dict[str, str]:
    """Return the link of an invitation that is still open; none is made for one taken back meanwhile."""
    invitation = invitation_of(session, message)
    if invitation is None or not still_open(invitation):
        return {INVITE_LINK.key: ""}
    token = tokens.mint(
        session,
        TokenPurpose.INVITE,
        invitation.id,
        company_id=invitation.company_id,
        message_id=message.id,
        lifetime=invitation.expires_at - clock.now(),
    )
    return {INVITE_LINK.key: tokens.url_of(TokenPurpose.INVITE, token)}


_INVITATION = select(Invitation).where(Invitation.id == bindparam("invitation"))
_NAMED = select(Company.name, Company.slug).where(Company.id == bindparam("company"))


def invitation_of(session: Session, message: Message) -> Invitation | None:
    """Return the invitation a mail is about, or None when it was swept away."""
    with scopes.everyone(session, REASON):
        return session.scalars(_INVITATION, {"invitation": message.subject_id}).one_or_none()


def inviter(session: Session, invitation: Invitation) -> str:
    """Return the name of the person who invites, '' where nobody is known."""
    with scopes.everyone(session, REASON):
        return mailed_name(session.scalar(select(User.name).where(User.id == invitation.by_user_id)) or "")


def company_name(session: Session, company_id: int | None) -> str:
    """Return what the company calls itself, as a letter of Relay's own sender may carry it."""
    row = session.execute(_NAMED, {"company": company_id}).one_or_none()
    return mailed_name(row.name, otherwise=row.slug) if row else ""


def last_day(moment: datetime) -> str:
    """Return the day and hour until which an invitation opens, as a mail says it."""
    local = moment.astimezone(clock.JAPAN)
    return f"{format_date(local.date(), 'long')} {local:%H:%M}"


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    invitation = invitation_of(session, message)
    return {
        "name": mailed_name(invitation.name) if invitation else "",
        "organisation": _organisation(session, invitation) if invitation else "",
        "inviter": inviter(session, invitation) if invitation else "",
        "role": str(WORDS[invitation.role]) if invitation and invitation.role else "",
        "until": last_day(invitation.expires_at) if invitation else "",
        "invite_url": link(TokenPurpose.INVITE),
    }


def _organisation(session: Session, invitation: Invitation) -> str:
    if invitation.company_id is not None:
        return company_name(session, invitation.company_id)
    row = session.execute(select(Partner.name, Partner.slug).where(Partner.id == invitation.partner_id)).one_or_none()
    return mailed_name(row.name, otherwise=row.slug) if row else ""


LETTERS = (
    Letter(
        name=NAMES[InvitationKind.MEMBER],
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=mint,
        audience="member",
        urgent=True,
        link=INVITE_LINK,
    ),
    Letter(
        name=NAMES[InvitationKind.AGENT],
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=mint,
        audience="partner",
        urgent=True,
        link=INVITE_LINK,
    ),
)
