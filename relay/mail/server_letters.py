"""The notice that a mail server was changed, to every administrator whom it concerns, by the way as it was before.

A person who takes a server over changes it; by the new one nobody else would hear (C-24). A former server that does
not take the notice is tried twice, and then the installation's carries it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.mail import former_route, outbox, servers
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.server_route import ServerRoute
from relay.models import Company, MailClass, Message, MessageState, Role, User, scopes

LETTER = "mail-server-changed"
REASON = "notices of a changed mail server: administrators of every company, whoever changed it"
UNREACHED = "unreached"
"""Value of a notice that the former server did not take."""


def tell(
    session: Session,
    companies: Sequence[Company],
    before: ServerRoute | None,
    after: ServerRoute | None,
    *,
    whose: str,
    by_user_id: int | None,
) -> None:
    """Queue the notice to the working administrators of these companies; `whose` is '' for the installation's server.

    Call it once the change is written. Where nothing stood before, the new server tells of itself.
    """
    values: dict[str, Any] = {"whose": whose, "before": _named(before), "after": _named(after)}
    if (carried := _carried(session, before, after)) is not None:
        values[former_route.VALUE] = former_route.sealed(carried)
    with scopes.everyone(session, REASON):
        by = session.scalars(select(User).where(User.id == by_user_id)).one_or_none()
        administrators = session.execute(_administrators(companies)).all()
    for company_id, email in administrators:
        with scopes.company(session, company_id):
            _queue(session, company_id, email, values | {"by": _named_to(company_id, by)})


def _carried(session: Session, before: ServerRoute | None, after: ServerRoute | None) -> ServerRoute | None:
    """Return the way the notices take with them; None where the installation's way, as it is now, is the one."""
    installation = servers.key_of_organisation(session)
    route = before or after
    if route is None or route.key == installation or (before is None and installation is not None):
        return None
    return route


def _administrators(companies: Sequence[Company]) -> Any:
    """Return whom to tell: company, address."""
    return (
        select(User.company_id, User.email)
        .where(
            User.company_id.in_([company.id for company in companies]),
            User.role == Role.ADMIN,
            User.disabled_at.is_(None),
        )
        .order_by(User.company_id, User.id)
    )


def _named_to(company_id: int, by: User | None) -> str:
    """Return who changed it: by name to colleagues alone; '' for the command line."""
    if by is None or by.company_id == company_id:
        return by.name if by else ""
    return _("運営者の管理者")


def _queue(session: Session, company_id: int, email: str, values: dict[str, Any]) -> None:
    outbox.queue(session, LETTER, company_id=company_id, to=email, subject=("company", company_id), values=values)


def _named(route: ServerRoute | None) -> str:
    return f"{route.host}（{route.sender}）" if route is not None and route.host else ""


def _context(_session: Session, message: Message, _link: LinkFor) -> dict[str, Any]:
    settings: Settings = current_app.config["RELAY"]
    values, moment = message.values, (message.created_at or clock.now()).astimezone(clock.JAPAN)
    page = "/settings/mail" if values.get("whose") else "/settings/operator/mail"
    return {
        "whose": values.get("whose", ""),
        "before": values.get("before", ""),
        "after": values.get("after", ""),
        "by": values.get("by", ""),
        "when": _moment(moment),
        "unreached": bool(values.get(UNREACHED)) or _is_late(message),
        "page": f"{settings.base_url}{page}",
    }


def _moment(local: datetime) -> str:
    return f"{format_date(local.date(), 'long')} {local:%H:%M}"


def _is_late(message: Message) -> bool:
    """Return whether the mail carries a former way that it no longer takes."""
    return former_route.VALUE in message.values and former_route.of(message) is None


def _on_final_state(session: Session, message: Message, state: MessageState) -> None:
    """Forget the former way; where its server refused the notice, the installation's carries it."""
    refused = state in {MessageState.FAILED, MessageState.BOUNCED} and not _is_late(message)
    if former_route.forget(message) and refused and message.to_address and message.company_id is not None:
        _queue(session, message.company_id, message.to_address, message.values | {UNREACHED: True})


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.FORMER,
        context=_context,
        on_final_state=_on_final_state,
        audience="member",
    ),
)
