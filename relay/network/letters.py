"""The letters to registered people: the own page's link and what happened there, the proof of another address.

They belong to no company: no company's screen may show a registered address, or which partners were chosen. They name
no partner, no company and no fact either, for others may read the mailbox (C-25). With them is the notice of a
withdrawal, which asks a partner's agents to delete.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relay.config import Settings
from relay.mail import outbox, tokens
from relay.mail.final_state import mark_final
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Event,
    EventTag,
    MailClass,
    Message,
    MessageState,
    Partner,
    PendingRegistration,
    Profile,
    TokenPurpose,
    User,
    event_data,
    retention,
    scopes,
)
from relay.network import company_mailboxes, ended_references
from relay.network.profiles import item_labels

CHOOSE_PIN = "choose-pin"
SHARING_STOPPED = "sharing-stopped"
ERASURE_PLANNED = "erasure-planned"
ERASURE_CANCELLED = "erasure-cancelled"
INVITATION_MISTAKEN = "invitation-mistaken"

OWN_PAGE_LINK = Link(TokenPurpose.OWN_PAGE, lifetime=None, path="/me/", key="own_url")
CHOOSE_PIN_LINK = Link(TokenPurpose.CHOOSE_PIN, lifetime=timedelta(hours=24), path="/pin/", key="choose_url")

OWN_PAGE = "own-page"
CONFIRM_ADDRESS = "confirm-address"
OTHER_ADDRESS_ASKED = "other-address-asked"
WITHDRAWAL_NOTICE = "withdrawal-notice"
PENDING = "pending-registration"
"""What the letters about a registration that waits are about."""
WAITS = timedelta(hours=retention.PENDING.number)
"""How long a registration waits for its address to be proven, and its links with it (C-18)."""
CONFIRM_LINK = Link(TokenPurpose.CONFIRM_ADDRESS, lifetime=WAITS, path="/confirm/", key="confirm_url")
AGREE_LINK = Link(TokenPurpose.AGREE_ADDRESS, lifetime=WAITS, path="/agree/", key="agree_url")
NO_COMPANY = "network: mail to a registered person, which belongs to no company"
ASKED_AFTER_AN_UPGRADE = timedelta(days=14)
"""How long the link lives that asks who registered before there were numbers."""


def send(
    session: Session,
    letter: str,
    profile: Profile,
    *,
    values: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Queue a letter to the registered address."""
    with scopes.everyone(session, NO_COMPANY):
        outbox.queue(
            session,
            letter,
            company_id=None,
            to=profile.email,
            subject=("profile", profile.id),
            profile_id=profile.id,
            values=values or {},
            due_at=due_at,
        )


def count_since(session: Session, letter: str, profile_id: int, moment: datetime) -> int:
    """Count the mails of a letter that were queued to the person since then."""
    with scopes.everyone(session, NO_COMPANY):
        return (
            session.scalar(
                select(func.count()).where(
                    Message.company_id.is_(None),
                    Message.letter == letter,
                    Message.profile_id == profile_id,
                    Message.created_at > moment,
                )
            )
            or 0
        )


def asking_for_number() -> ColumnElement[bool]:
    """Select the mails that ask a registered person to choose a number."""
    return Message.letter == CHOOSE_PIN


def mint_own_page(session: Session, message: Message) -> dict[str, str]:
    """Make the link of the own page while the mail is sent."""
    profile_id = scopes.required(message.profile_id)
    token = tokens.mint(session, TokenPurpose.OWN_PAGE, profile_id, profile_id=profile_id, message_id=message.id)
    return {OWN_PAGE_LINK.key: tokens.url_of(TokenPurpose.OWN_PAGE, token)}


def find_url() -> str:
    """Return the address of the page that mails the link again, under the configured base URL (C-21)."""
    settings: Settings = current_app.config["RELAY"]
    return f"{settings.base_url}/me"


def ended_page() -> str:
    """Return the address of the partners' list of ended references, under the configured base URL (C-21)."""
    settings: Settings = current_app.config["RELAY"]
    return f"{settings.base_url}/agency/ended"


def _letter_context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {"own_url": link(TokenPurpose.OWN_PAGE)}


def _planned(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    at = message.values.get("erase_at", "")
    return {
        "erase_at": format_datetime(datetime.fromisoformat(at), _("M月d日 H:mm")) if at else "",
        "own_url": link(TokenPurpose.OWN_PAGE),
    }


def _choose(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {"reason": message.values.get("reason", "forgotten"), "choose_url": link(TokenPurpose.CHOOSE_PIN)}


def _mint_choice(session: Session, message: Message) -> dict[str, str]:
    profile_id = scopes.required(message.profile_id)
    token = tokens.mint(
        session,
        TokenPurpose.CHOOSE_PIN,
        profile_id,
        profile_id=profile_id,
        message_id=message.id,
        lifetime=ASKED_AFTER_AN_UPGRADE if message.values.get("reason") == "upgrade" else None,
    )
    return {CHOOSE_PIN_LINK.key: tokens.url_of(TokenPurpose.CHOOSE_PIN, token)}


def send_own_page(session: Session, profile: Profile) -> None:
    """Mail the own-page link to the registered address; one that still waits is not doubled."""
    with scopes.everyone(session, NO_COMPANY):
        waiting = session.scalar(
            select(Message.id)
            .where(
                Message.company_id.is_(None),
                Message.letter == OWN_PAGE,
                Message.profile_id == profile.id,
                Message.state == MessageState.SCHEDULED,
                Message.to_address == profile.email,
            )
            .limit(1)
        )
        if waiting is None:
            outbox.queue(
                session,
                OWN_PAGE,
                company_id=None,
                to=profile.email,
                subject=("profile", profile.id),
                profile_id=profile.id,
            )


def send_confirmation(session: Session, pending: PendingRegistration, company: str) -> None:
    """Mail the other address the link that proves it."""
    with scopes.everyone(session, NO_COMPANY):
        outbox.queue(
            session,
            CONFIRM_ADDRESS,
            company_id=None,
            to=pending.email,
            subject=(PENDING, pending.id),
            values={"company": company, "until": pending.expires_at.isoformat()},
        )


def ask_owner(session: Session, pending: PendingRegistration, mailed: str, company: str) -> None:
    """Ask the person behind the mailed address whether the other one, which the letter does not say, is meant."""
    with scopes.everyone(session, NO_COMPANY):
        outbox.queue(
            session,
            OTHER_ADDRESS_ASKED,
            company_id=None,
            to=mailed,
            subject=(PENDING, pending.id),
            values={"company": company, "until": pending.expires_at.isoformat()},
        )


def complete_confirmation(session: Session, pending_id: int, profile_id: int | None) -> None:
    """Hand the mails of a deleted pending row to the profile, or clear their address where none was made.

    The question to the person behind the mailed address always does: it is nothing of the other address's profile.
    """
    with scopes.everyone(session, NO_COMPANY):
        for message in session.scalars(
            select(Message).where(
                Message.company_id.is_(None), Message.subject_kind == PENDING, Message.subject_id == pending_id
            )
        ):
            if message.state is MessageState.SCHEDULED:
                mark_final(session, message, MessageState.CANCELLED)
            if profile_id is None or message.letter == OTHER_ADDRESS_ASKED:
                message.to_address, message.values, message.last_error = "", {}, ""
            else:
                message.profile_id = profile_id
        session.flush()


def _own_page(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {"own_url": link(TokenPurpose.OWN_PAGE), "find_url": find_url()}


def _confirm_address(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return _about_pending(message) | {"confirm_url": link(TokenPurpose.CONFIRM_ADDRESS)}


def _other_address(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return _about_pending(message) | {"agree_url": link(TokenPurpose.AGREE_ADDRESS)}


def _about_pending(message: Message) -> dict[str, str]:
    until = message.values.get("until", "")
    return {
        "company": message.values.get("company", ""),
        "until": format_datetime(datetime.fromisoformat(until), _("M月d日 H:mm")) if until else "",
    }


def _mint_question(session: Session, message: Message) -> dict[str, str]:
    return {AGREE_LINK.key: _mint(session, message, TokenPurpose.AGREE_ADDRESS)}


def _mint_confirmation(session: Session, message: Message) -> dict[str, str]:
    return {CONFIRM_LINK.key: _mint(session, message, TokenPurpose.CONFIRM_ADDRESS)}


def _mint(session: Session, message: Message, purpose: TokenPurpose) -> str:
    pending = session.execute(
        select(PendingRegistration.id, PendingRegistration.company_id, PendingRegistration.candidate_id).where(
            PendingRegistration.id == message.subject_id
        )
    ).one()
    token = tokens.mint(
        session,
        purpose,
        pending.id,
        company_id=pending.company_id,
        candidate_id=pending.candidate_id,
        message_id=message.id,
    )
    return tokens.url_of(purpose, token)


def registered_on(session: Session, message: Message, codes: Sequence[str]) -> Mapping[str, date]:
    """Return the day on which each of these people had registered with the partner the mail goes to.

    None where a company may read it: HR knows on which day a person registered, and would learn with whom (A-45).
    """
    if company_mailboxes.all_of_them(session).see(message.to_address):
        return {}
    return ended_references.registered_on(session, message.subject_id or 0, codes)


def _withdrawal_notice(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    code = message.values.get("code", "")
    return {
        "code": code,
        "partner": message.values.get("partner", ""),
        "items": item_labels(message.values.get("items", ())),
        "registered": registered_on(session, message, [code]).get(code),
        "ended_page": ended_page(),
    }


def notice_of_withdrawal(session: Session, event: Event) -> None:
    """Ask the partner's agents to stop and delete, naming the person by code alone (A-13, A-35).

    Where single items were taken back, these are named; the consent to the others goes on.
    """
    narrowed = event_data.ConsentNarrowed.read(event.data) if event.tag == EventTag.CONSENT_NARROWED.value else None
    code = narrowed.code if narrowed else event_data.ConsentWithdrawn.read(event.data).code
    partner = session.execute(select(Partner.id, Partner.name).where(Partner.id == event.partner_id)).one()
    with scopes.partner(session, partner.id):
        agents = session.scalars(select(User.email).where(User.disabled_at.is_(None)).order_by(User.id)).all()
        for email in agents:
            outbox.queue(
                session,
                WITHDRAWAL_NOTICE,
                company_id=None,
                to=email,
                subject=("partner", partner.id),
                values={
                    "code": code or "",
                    "partner": partner.name,
                    "items": list(narrowed.items) if narrowed else [],
                },
            )


LETTERS = (
    Letter(
        name=CHOOSE_PIN,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_choose,
        mint=_mint_choice,
        link=CHOOSE_PIN_LINK,
    ),
    Letter(
        name=SHARING_STOPPED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_letter_context,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
    ),
    Letter(
        name=ERASURE_PLANNED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_planned,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
    ),
    Letter(
        name=ERASURE_CANCELLED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_letter_context,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
    ),
    Letter(
        name=INVITATION_MISTAKEN,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_own_page,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
        unasked=True,
    ),
    Letter(
        name=OWN_PAGE,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_own_page,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
    ),
    Letter(
        name=CONFIRM_ADDRESS,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_confirm_address,
        mint=_mint_confirmation,
        link=CONFIRM_LINK,
    ),
    Letter(
        name=OTHER_ADDRESS_ASKED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_other_address,
        mint=_mint_question,
        link=AGREE_LINK,
    ),
    Letter(
        name=WITHDRAWAL_NOTICE,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_withdrawal_notice,
        audience="partner",
    ),
)
CONSUMERS = {"partner-notice": notice_of_withdrawal}
