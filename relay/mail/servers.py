"""By which server a mail leaves: a company's own, else the installation's, else the operator's company's.

A company's password is sealed (E-24) and never shown again. Whatever changes the way a company sends makes its test
void, so that nobody trusts a server that was never tried.
"""

import re
import unicodedata
from dataclasses import dataclass, fields

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from relay import clock, vault
from relay.config import Settings
from relay.errors import DomainError
from relay.mail import codes
from relay.mail.way import NOBODY, Way, WayKey, of_settings
from relay.models import CodePurpose, Company, EventTag, MailServer, MailTls, Message, MessageState, record, scopes
from relay.text import clean, normalise_mail, plain_ascii
from relay.text.address import mail_sentence

HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
USUAL_PORTS = frozenset({25, 465, 587, 2525})
"""Where mail servers listen. Only whoever runs the machine may call another port from it."""
LENGTHS = {"host": 200, "username": 254, "password": 200}


class ServerRefused(DomainError):
    """What was said about the mail server cannot be kept; `field` names what is to be put right."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message)
        self.field = field


class NoWay(DomainError):
    """No server is set by which the company's mails could leave."""


@dataclass(frozen=True)
class Typed:
    """A mail server as an administrator typed it. An empty password keeps the one that is stored."""

    host: str
    port: int
    tls: MailTls
    username: str
    password: str
    sender: str


def of(session: Session, company_id: int) -> MailServer | None:
    """The company's own server, if it has one. In the company's scope."""
    return session.scalars(select(MailServer).where(MailServer.company_id == company_id)).one_or_none()


def save(session: Session, company: Company, typed: Typed, *, by_user_id: int) -> MailServer:
    """Let the company's mails leave by its own server; what changed makes the test of sending void. Logged by field.

    The stored password goes to no other server or account than the one it was typed for. Raises ServerRefused.
    """
    known = of(session, company.id)
    wanted = _checked(company, typed, known)
    changed = [each.name for each in fields(Typed) if _differs(known, wanted, each.name)]
    if known is None:
        known = MailServer(company_id=company.id)
        session.add(known)
    elif not changed:
        return known
    for name in changed:
        setattr(known, name, getattr(wanted, name))
    if "password" in changed:
        known.password = vault.seal(wanted.password) if wanted.password else ""
    known.changed_at, known.changed_by_user_id = clock.now(), by_user_id
    _changed(session, company, changed)
    return known


def remove(session: Session, company: Company) -> None:
    """Let the company's mails leave by the installation's server again; its own, password and all, is forgotten."""
    known = of(session, company.id)
    if known is not None:
        session.delete(known)
        _changed(session, company, ["removed"])


def way_for(session: Session, company_id: int | None) -> Way:
    """The way the company's next mail takes; None asks for mails that belong to no company.

    Raises NoWay where nothing is set, vault.SealBroken where the password cannot be opened any more.
    """
    row = _row_for(session, company_id)
    if isinstance(row, MailServer):
        return _way(session, row)
    if row is None:
        raise NoWay(_("送信の設定がまだありません。設定の「メールの送信」で、送信サーバーを設定してください。"))
    return row


def sender_of(session: Session, company_id: int | None) -> str:
    """The address the company's mails come from, on screen and in the mail alike."""
    row = _row_for(session, company_id)
    return row.sender if row is not None else NOBODY


def is_possible(session: Session, company_id: int | None) -> bool:
    """Whether there is any way for the company's mails."""
    return of_settings(current_app.config["RELAY"]) is not None or _row_for(session, company_id) is not None


def is_stuck(session: Session, company_id: int) -> bool:
    """Whether a mail of the company in scope is due and there is no way for it."""
    if is_possible(session, company_id):
        return False
    due = select(Message.id).where(Message.state == MessageState.SCHEDULED, Message.due_at <= clock.now())
    with scopes.practice(session):
        practised = session.scalars(due.limit(1)).first()
    return practised is not None or session.scalars(due.limit(1)).first() is not None


def can_leave(session: Session, held: frozenset[WayKey]) -> ColumnElement[bool]:
    """Which mails may be taken in hand: those with a way that does not rest. In the scope of everyone.

    A server set anew since it could not be reached is another one, and is tried at once.
    """
    house = key_of_house(session)
    conditions: list[ColumnElement[bool]] = []
    if resting := _own_and_resting(session, held):
        conditions.append(or_(Message.company_id.is_(None), Message.company_id.not_in(resting)))
    if house is None or house in held:
        conditions.append(Message.company_id.in_(select(MailServer.company_id)))
    return and_(true(), *conditions)


def _own_and_resting(session: Session, held: frozenset[WayKey]) -> list[int]:
    names = [company_id for company_id, _set_at in held if company_id is not None]
    if not names:
        return []
    rows = session.execute(select(MailServer.company_id, MailServer.changed_at).where(MailServer.company_id.in_(names)))
    return [company_id for company_id, changed_at in rows if (company_id, changed_at) in held]


def key_of_house(session: Session) -> WayKey | None:
    """What the way of everybody without a server of their own is known by."""
    row = _of_house(session)
    if isinstance(row, MailServer):
        return row.company_id, row.changed_at
    return row.key if row is not None else None


def _row_for(session: Session, company_id: int | None) -> MailServer | Way | None:
    """Enters the company by itself: whoever writes a mail need not be in its scope (an invited agent's, say)."""
    if company_id is not None:
        with scopes.company(session, company_id):
            if (own := of(session, company_id)) is not None:
                return own
    return _of_house(session)


def _of_house(session: Session) -> MailServer | Way | None:
    """The installation's server; without one that of the company which runs it, a real one before the demo."""
    settings: Settings = current_app.config["RELAY"]
    if (way := of_settings(settings)) is not None:
        return way
    operators = (
        select(MailServer)
        .join(Company, Company.id == MailServer.company_id)
        .where(Company.runs_installation)
        .order_by(Company.demo, Company.id)
    )
    with scopes.everyone(session, "worker: who runs the installation carries the mails of houses without a server"):
        return session.scalars(operators.limit(1)).one_or_none()


def _way(session: Session, row: MailServer) -> Way:
    runs_installation = session.scalar(select(Company.runs_installation).where(Company.id == row.company_id))
    return Way(
        company_id=row.company_id,
        host=row.host,
        port=row.port,
        tls=row.tls,
        username=row.username,
        password=vault.unseal(row.password) if row.password else "",
        sender=row.sender,
        set_at=row.changed_at,
        outward=not runs_installation,
    )


def _changed(session: Session, company: Company, names: list[str]) -> None:
    """What was tested was another way; nor may a code that travelled by it still prove this one."""
    company.mail_tested_at = None
    codes.forget(session, CodePurpose.MAIL_TEST, company.id)
    session.flush()
    record(
        session,
        EventTag.MAIL_SERVER_CHANGED,
        company_id=company.id,
        subject=("company", company.id),
        data={"fields": names},
    )


def _differs(known: MailServer | None, wanted: Typed, name: str) -> bool:
    """Whether a field is to be written. An empty password differs only where there is no login any more."""
    value = getattr(wanted, name)
    if name == "password":
        return bool(value or (known and known.password and not wanted.username))
    return known is None or getattr(known, name) != value


def _checked(company: Company, typed: Typed, known: MailServer | None) -> Typed:
    host, username = (
        plain_ascii(clean(typed.host)).lower().removesuffix("."),
        unicodedata.normalize("NFKC", clean(typed.username)),
    )
    mail = normalise_mail(typed.sender)
    if not HOST.fullmatch(host) or len(host) > LENGTHS["host"]:
        raise ServerRefused("host", _("送信サーバーの名前を確かめてください（例: smtp.sample.jp）。"))
    _check_port(company, typed.port)
    if not mail.value:
        raise ServerRefused(
            "sender",
            mail_sentence(mail.fault, typed.sender) if mail.fault else _("差出人のアドレスを入力してください。"),
        )
    wanted = Typed(host, typed.port, typed.tls, username, typed.password, mail.value)
    _check_login(wanted, known)
    return wanted


def _check_port(company: Company, port: int) -> None:
    if not 1 <= port <= 65535:
        raise ServerRefused("port", _("ポート番号は1から65535までの数字です。"))
    if port not in USUAL_PORTS and not company.runs_installation:
        raise ServerRefused("port", _("使えるポート番号は、587、465、25、2525のどれかです。"))


def _check_login(wanted: Typed, known: MailServer | None) -> None:
    if not (wanted.username + wanted.password).isascii():
        raise ServerRefused(
            "password" if wanted.username.isascii() else "username",
            _("送信サーバーへ送れない文字があります。サービスの画面のとおりか確かめてください。"),
        )
    if wanted.password and not wanted.username:
        raise ServerRefused("username", _("パスワードを使うときは、ユーザー名も入力してください。"))
    if wanted.username and wanted.tls is MailTls.NONE:
        raise ServerRefused("tls", _("暗号化しない接続ではパスワードを送りません。STARTTLSかTLSを選んでください。"))
    if wanted.username and not wanted.password and not _same_account(wanted, known):
        raise ServerRefused(
            "password", _("パスワードを入力してください。サーバーかユーザー名が変わると、保存した値は使いません。")
        )


def _same_account(wanted: Typed, known: MailServer | None) -> bool:
    """Whether the stored password was typed for this very server and account."""
    if known is None or not known.password:
        return False
    same = ("host", "port", "tls", "username")
    return all(getattr(known, name) == getattr(wanted, name) for name in same)
