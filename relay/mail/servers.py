"""By which server a mail leaves: the installation's, or, for what a company writes to candidates, the company's own.

Which of the two is in the declaration of the letter (C-24). The installation's is the one of the settings, else
the one the operator set in the portal or on the command line, in development without either the mailbox.
"""

from functools import cache

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, true
from sqlalchemy.orm import Session

from relay.config import Settings
from relay.errors import DomainError
from relay.infra import vault
from relay.mail import former_route, letters
from relay.mail.letters import MailRoute
from relay.mail.server_route import NOBODY, ServerRoute, ServerRouteKey, of_settings
from relay.models import (
    Company,
    InstallationMailServer,
    MailServer,
    Message,
    MessageState,
    moments,
    scopes,
)
from relay.models.prepared import Prepared


class NoServerRoute(DomainError):
    """Raise where no server is configured to send the mail."""

    code = "no-mail-server"


class NoInstallationServer(DomainError):
    """Raise where nobody can be added because letters about logins have no server of the installation."""

    code = "no-installation-mail-server"
    message = _l(
        "Relayの送信サーバーがまだないため、登録も招待もしていません。ほかの企業や提携先のログインのメールを、"
        "採用担当の方のサーバーで送らないためです。運営する企業の管理者が設定の「メールの送信」で設定するか、"
        "「relay mail server set」か「RELAY_MAIL_HOST」で設定してから、もう一度操作してください。"
    )


_OF_COMPANY = select(MailServer).where(MailServer.company_id == bindparam("company"))
_OWN_SENDER = Prepared(select(MailServer.sender).where(MailServer.company_id == bindparam("company")), str)
_OF_INSTALLATION = select(InstallationMailServer)
_DUE = select(Message.id).where(Message.state == MessageState.SCHEDULED, Message.due_at <= moments.now()).limit(1)


@scopes.in_company
def of(session: Session, company_id: int) -> MailServer | None:
    """Return the company's own server, if it has one. In the company's scope."""
    return session.scalars(_OF_COMPANY, {"company": company_id}).one_or_none()


def of_installation(session: Session) -> InstallationMailServer | None:
    """Return the installation's server as it was set in the portal or on the command line."""
    return session.scalars(_OF_INSTALLATION).one_or_none()


def route_of(session: Session, message: Message) -> ServerRoute:
    """Return the way this mail takes. Raises as `route_for` does."""
    return former_route.of(message) or route_for(session, _carrier(message))


def route_for(session: Session, company_id: int | None) -> ServerRoute:
    """Return the way of what the company writes to candidates; None asks for the installation's.

    Raises NoServerRoute where nothing is set, vault.SealBroken where the password cannot be opened any more.
    """
    row = _row_for(session, company_id)
    if row is None:
        raise NoServerRoute(
            _("送信の設定がまだありません。設定の「メールの送信」で、送信サーバーを設定してください。")
            if company_id
            else _("Relayの送信サーバーがまだありません。運営者が設定すると、待っているメールから順に送られます。")
        )
    return row if isinstance(row, ServerRoute) else _opened(session, row)


def sender_of(session: Session, message: Message) -> str:
    """Return the address a mail comes from, on screen and in the mail alike."""
    if (former := former_route.of(message)) is not None:
        return former.sender
    return sender_for(session, _carrier(message))


def sender_for(session: Session, company_id: int | None) -> str:
    """Return the address of what the company writes to candidates, or of the installation's letters."""
    if company_id is not None:
        with scopes.company(session, company_id):
            if (own := _OWN_SENDER.first(session, company=company_id)) is not None:
                return own
    row = _of_organisation(session)
    return row.sender if row is not None else NOBODY


def accounts_of_installation(session: Session) -> list[str]:
    """Return the addresses that the installation's letters leave from and sign in as; empty where there is no server.

    Providers keep a copy of what left in the mailbox of either.
    """
    row = _row_for(session, None)
    return [each for each in (row.sender, row.username) if "@" in each] if row is not None else []


def is_possible(session: Session, company_id: int | None) -> bool:
    """Return whether what the company writes to candidates has any way; None asks for the installation's letters."""
    return _row_for(session, company_id) is not None


def check_installation(session: Session) -> None:
    """Raise NoInstallationServer where a further company or a partner would get logins that nothing safe carries."""
    if not is_possible(session, None):
        raise NoInstallationServer


@scopes.in_company
def is_stuck(session: Session, company_id: int) -> bool:
    """Return whether a mail of the company in scope is due and there is no way for it."""
    if is_possible(session, None):
        return False
    due = _due_by_installation() if of(session, company_id) is not None else _DUE
    with scopes.practice(session):
        practised = session.scalars(due).first()
    return practised is not None or session.scalars(due).first() is not None


@cache  # tricks: home, where the installation has no server
def _due_by_installation() -> Select[int]:
    return _DUE.where(Message.letter.in_(letters.by_route(MailRoute.INSTALLATION)))


def can_leave(session: Session, held: frozenset[ServerRouteKey]) -> ColumnElement[bool]:
    """Return the condition of mails that may be claimed: those with a way that does not rest. In the scope of everyone.

    A server set again since it could not be reached is another one, and is tried at once.
    """
    organisation = key_of_organisation(session)
    to_candidates = letters.by_route(MailRoute.COMPANY)
    conditions: list[ColumnElement[bool]] = []
    if resting := _own_and_resting(session, held):
        others = or_(Message.letter.not_in(to_candidates), Message.company_id.is_(None))
        conditions.append(or_(others, Message.company_id.not_in(resting)))
    if organisation is None or organisation in held:
        own = and_(Message.letter.in_(to_candidates), Message.company_id.in_(select(MailServer.company_id)))
        conditions.append(or_(own, Message.letter.in_(letters.by_route(MailRoute.FORMER))))
    return and_(true(), *conditions)


def _own_and_resting(session: Session, held: frozenset[ServerRouteKey]) -> list[int]:
    names = [company_id for company_id, _set_at in held if company_id is not None]
    if not names:
        return []
    rows = session.execute(select(MailServer.company_id, MailServer.changed_at).where(MailServer.company_id.in_(names)))
    return [company_id for company_id, changed_at in rows if (company_id, changed_at) in held]


def key_of_organisation(session: Session) -> ServerRouteKey | None:
    """Return what the installation's way is known by."""
    row = _of_organisation(session)
    if isinstance(row, InstallationMailServer):
        return None, row.changed_at
    return row.key if row is not None else None


def _carrier(message: Message) -> int | None:
    """Return the company whose server carries the mail; None for the installation's."""
    return message.company_id if letters.find(message.letter).route is MailRoute.COMPANY else None


def _row_for(session: Session, company_id: int | None) -> MailServer | InstallationMailServer | ServerRoute | None:
    """Return the server's row. Enters the company by itself: the caller need not be in its scope."""
    if company_id is not None:
        with scopes.company(session, company_id):
            if (own := of(session, company_id)) is not None:
                return own
    return _of_organisation(session)


def _of_organisation(session: Session) -> InstallationMailServer | ServerRoute | None:
    settings: Settings = current_app.config["RELAY"]
    if settings.mail_host:
        return of_settings(settings)
    return of_installation(session) or of_settings(settings)


def _opened(session: Session, row: MailServer | InstallationMailServer) -> ServerRoute:
    company_id = row.company_id if isinstance(row, MailServer) else None
    runs_installation = session.scalar(select(Company.runs_installation).where(Company.id == company_id))
    return ServerRoute(
        company_id=company_id,
        host=row.host,
        port=row.port,
        tls=row.tls,
        username=row.username,
        password=vault.unseal(row.password) if row.password else "",
        sender=row.sender,
        set_at=row.changed_at,
        outward=company_id is not None and not runs_installation,
    )
