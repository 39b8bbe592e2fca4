"""The letter to a company's administrators when webhooks did not arrive, or stopped going to an address (D-6)."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.mail import outbox
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import MailClass, Message, Role, User, WebhookEndpoint, WebhookStop

LETTER = "webhook-failed"
PAUSE = timedelta(days=1)
"""Of an address that goes on, administrators are told no more often."""


def tell(session: Session, endpoint: WebhookEndpoint) -> None:
    """Queue the letter to the company's working administrators; in the scope of the company."""
    now = clock.now()
    if endpoint.enabled and endpoint.told_at is not None and endpoint.told_at > now - PAUSE:
        return
    endpoint.told_at = now
    values = {"host": urlsplit(endpoint.url).hostname or "", "why": endpoint.stopped_as or ""}
    wanted = select(User.email).where(
        User.company_id == endpoint.company_id, User.role == Role.ADMIN, User.disabled_at.is_(None)
    )
    for email in session.scalars(wanted.order_by(User.id)).all():
        outbox.queue(
            session,
            LETTER,
            company_id=endpoint.company_id,
            to=email,
            subject=("webhook", endpoint.id),
            values=values,
        )


def _context(_session: Session, message: Message, _link: LinkFor) -> dict[str, Any]:
    settings: Settings = current_app.config["RELAY"]
    why = message.values.get("why", "")
    return {
        "host": message.values.get("host", ""),
        "why": WebhookStop(why).label if why else "",
        "page": f"{settings.base_url}/settings/webhooks",
    }


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        audience="member",
    ),
)
