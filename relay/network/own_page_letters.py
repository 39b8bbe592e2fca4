"""Letters about the own page: they say what happened, and name no partner, no company and no fact (C-25).

A reader of the mailbox learns nothing more than the page shows without its number.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relay.config import Settings
from relay.mail import outbox, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import MailClass, Message, Profile, TokenPurpose, scopes

CHOOSE_PIN = "choose-pin"
SHARING_STOPPED = "sharing-stopped"
ERASURE_PLANNED = "erasure-planned"
ERASURE_CANCELLED = "erasure-cancelled"

OWN_PAGE_LINK = Link(TokenPurpose.OWN_PAGE, lifetime=None, path="/me/", key="own_url")
CHOOSE_PIN_LINK = Link(TokenPurpose.CHOOSE_PIN, lifetime=timedelta(hours=24), path="/pin/", key="choose_url")

NO_COMPANY = "network: mail about an own page, which belongs to no company"
ASKED_AFTER_AN_UPGRADE = timedelta(days=14)
"""How long the link lives that asks who registered before there were numbers."""


def send(session: Session, letter: str, profile: Profile, *, values: dict[str, Any] | None = None) -> None:
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


def _own_page(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
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
        context=_own_page,
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
        context=_own_page,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
    ),
)
