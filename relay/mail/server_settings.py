"""Setting a mail server, a company's own or the installation's: what is kept, what is refused, who is told.

A password is sealed (E-24) and never shown again. Whatever changes the way makes its test void, so that nobody trusts
a server that was never tried; and every change is told by the way as it stood before (C-24).
"""

import re
import unicodedata
from dataclasses import dataclass, fields

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.errors import DomainError
from relay.infra import vault
from relay.mail import codes, server_letters, servers
from relay.mail.server_route import ServerRoute
from relay.models import (
    CodePurpose,
    Company,
    EventTag,
    InstallationMailServer,
    MailServer,
    MailTls,
    Partner,
    event_data,
    record,
)
from relay.text import clean, normalise_mail, plain_ascii
from relay.text.address import mail_sentence

HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
USUAL_PORTS = frozenset({25, 465, 587, 2525})
"""Where mail servers listen. Only whoever runs the machine may call another port from it."""
LENGTHS = {"host": 200, "username": 254, "password": 200}
ONLY = 1
"""The id of the installation's one server, and of the installation in events."""

Kept = MailServer | InstallationMailServer


class ServerRefused(DomainError):
    """Raise where the mail server's settings cannot be saved; `field` names the one to correct."""

    code = "mail-server-refused"

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message)
        self.field = field


class ServerNeeded(DomainError):
    """Raise where the installation's server would be removed without another in its place."""

    code = "mail-server-needed"
    message = _l("ほかの企業や提携先が使っているため、削除していません。別の送信サーバーへの変更はできます。")


@dataclass(frozen=True)
class ServerInput:
    """A mail server as an administrator typed it. An empty password keeps the one that is stored."""

    host: str
    port: int
    tls: MailTls
    username: str
    password: str
    sender: str


def save(session: Session, company: Company, typed: ServerInput, *, by_user_id: int) -> MailServer:
    """Let the company's own server carry what it writes to candidates; told to its administrators by the way before.

    What changed makes the test of sending void, and is logged by field. The stored password goes to no other server
    or account than the one it was typed for. Raises ServerRefused.
    """
    known = servers.of(session, company.id)
    wanted = _checked(typed, known, any_port=company.runs_installation)
    changed = _changes(known, wanted)
    if known is not None and not changed:
        return known
    before = _route_before(session, company)
    row = known or MailServer(company_id=company.id)
    _write(session, row, wanted, changed, by_user_id)
    _company_changed(session, company, changed, before, by_user_id)
    return row


def remove(session: Session, company: Company, *, by_user_id: int | None = None) -> None:
    """Let the installation's server carry the company's mails again; its own, password and all, is forgotten."""
    known = servers.of(session, company.id)
    if known is not None:
        before = _route_before(session, company)
        session.delete(known)
        _company_changed(session, company, ["removed"], before, by_user_id)


def save_installation(session: Session, typed: ServerInput, *, by_user_id: int | None = None) -> InstallationMailServer:
    """Let this server carry the installation's letters; told to the administrators of every company.

    Raises ServerRefused as `save` does, and where the settings name a server, which comes first.
    """
    _check_settings()
    known = servers.of_installation(session)
    wanted = _checked(typed, known, any_port=True)
    changed = _changes(known, wanted)
    if known is not None and not changed:
        return confirm(session, known)
    before = _route_before(session, None)
    row = known or InstallationMailServer(id=ONLY)
    _write(session, row, wanted, changed, by_user_id)
    row.tested_at, row.confirmed_at = None, clock.now()
    _installation_changed(session, changed, before, by_user_id)
    return row


def share(session: Session, company: Company, *, by_user_id: int | None = None) -> InstallationMailServer:
    """Let the operating company's own server, which was tested, carry the installation's letters too.

    Raises ServerRefused where there is none, it was never tested, or the settings name a server.
    """
    own = servers.of(session, company.id)
    if own is None or company.mail_tested_at is None:
        raise ServerRefused("host", _("先に、自社の送信サーバーでメールが届くことを確認してください。"))
    password = vault.unseal(own.password) if own.password else ""
    typed = ServerInput(own.host, own.port, own.tls, own.username, password, own.sender)
    row = save_installation(session, typed, by_user_id=by_user_id)
    row.tested_at = company.mail_tested_at
    return row


def confirm(session: Session, row: InstallationMailServer) -> InstallationMailServer:
    """Note that the operator wants this server, which an upgrade may have chosen, to be the installation's."""
    row.confirmed_at = row.confirmed_at or clock.now()
    session.flush()
    return row


def remove_installation(session: Session, *, by_user_id: int | None = None) -> None:
    """Forget the installation's server. Raises ServerNeeded while others than the operating company depend on it."""
    known = servers.of_installation(session)
    if known is None:
        return
    others = (session.scalar(select(func.count(Company.id))) or 0) > 1
    partners = session.scalars(select(Partner.id).limit(1)).first() is not None
    settings: Settings = current_app.config["RELAY"]
    if (others or partners) and not settings.mail_host:
        raise ServerNeeded
    before = _route_before(session, None)
    session.delete(known)
    _installation_changed(session, ["removed"], before, by_user_id)


def is_shared(session: Session, company: Company) -> bool:
    """Return whether one mailbox carries both what the company writes to candidates and the installation's letters."""
    own = servers.of(session, company.id)
    if own is None:
        return True
    settings: Settings = current_app.config["RELAY"]
    row = servers.of_installation(session)
    if settings.mail_host:
        return (own.host, own.username) == (settings.mail_host.lower(), settings.mail_username)
    return row is not None and (own.host, own.username) == (row.host, row.username)


def _check_settings() -> None:
    settings: Settings = current_app.config["RELAY"]
    if settings.mail_host:
        raise ServerRefused(
            "host", _("「RELAY_MAIL_HOST」の送信サーバーを使っています。変更するときは、その設定を変更してください。")
        )


def _write(session: Session, row: Kept, wanted: ServerInput, changed: list[str], by_user_id: int | None) -> None:
    for name in changed:
        setattr(row, name, getattr(wanted, name))
    if "password" in changed:
        row.password = vault.seal(wanted.password) if wanted.password else ""
    row.changed_at, row.changed_by_user_id = clock.now(), by_user_id
    session.add(row)


def _route_before(session: Session, company: Company | None) -> ServerRoute | None:
    """Return the way as it is; None where there is none, or its password cannot be opened any more."""
    try:
        return servers.route_for(session, company.id if company else None)
    except (servers.NoServerRoute, vault.SealBroken):
        return None


def _company_changed(
    session: Session, company: Company, names: list[str], before: ServerRoute | None, by_user_id: int | None
) -> None:
    """Forget the test of another way; nor may a code that travelled by it still prove this one."""
    company.mail_tested_at = None
    codes.forget(session, CodePurpose.MAIL_TEST, company.id)
    session.flush()
    record(
        session,
        EventTag.MAIL_SERVER_CHANGED,
        company_id=company.id,
        subject=("company", company.id),
        data=event_data.FieldsChanged(fields=tuple(names)),
    )
    after = _route_before(session, company)
    server_letters.tell(session, [company], before, after, whose=company.name, by_user_id=by_user_id)


def _installation_changed(
    session: Session, names: list[str], before: ServerRoute | None, by_user_id: int | None
) -> None:
    codes.forget(session, CodePurpose.MAIL_TEST, codes.INSTALLATION)
    session.flush()
    companies = session.scalars(select(Company).order_by(Company.id)).all()
    for company in companies:
        record(
            session,
            EventTag.MAIL_SERVER_CHANGED,
            company_id=company.id,
            subject=("installation", ONLY),
            data=event_data.FieldsChanged(fields=tuple(names)),
        )
    server_letters.tell(session, companies, before, _route_before(session, None), whose="", by_user_id=by_user_id)


def _changes(known: Kept | None, wanted: ServerInput) -> list[str]:
    return [each.name for each in fields(ServerInput) if _differs(known, wanted, each.name)]


def _differs(known: Kept | None, wanted: ServerInput, name: str) -> bool:
    """Return whether a field is to be written. An empty password differs only where there is no login any more."""
    value = getattr(wanted, name)
    if name == "password":
        return bool(value or (known and known.password and not wanted.username))
    return known is None or getattr(known, name) != value


def _checked(typed: ServerInput, known: Kept | None, *, any_port: bool) -> ServerInput:
    host, username = (
        plain_ascii(clean(typed.host)).lower().removesuffix("."),
        unicodedata.normalize("NFKC", clean(typed.username)),
    )
    mail = normalise_mail(typed.sender)
    if not HOST.fullmatch(host) or len(host) > LENGTHS["host"]:
        raise ServerRefused("host", _("送信サーバーの名前を確認してください（例：smtp.sample.jp）。"))
    _check_port(typed.port, any_port=any_port)
    if not mail.value:
        raise ServerRefused(
            "sender",
            mail_sentence(mail.fault, typed.sender) if mail.fault else _("差出人のアドレスを入力してください。"),
        )
    wanted = ServerInput(host, typed.port, typed.tls, username, typed.password, mail.value)
    _check_login(wanted, known)
    return wanted


def _check_port(port: int, *, any_port: bool) -> None:
    if not 1 <= port <= 65535:
        raise ServerRefused("port", _("ポート番号は1から65535までの数字です。"))
    if port not in USUAL_PORTS and not any_port:
        raise ServerRefused("port", _("使えるポート番号は、587、465、25、2525のどれかです。"))


def _check_login(wanted: ServerInput, known: Kept | None) -> None:
    if not (wanted.username + wanted.password).isascii():
        raise ServerRefused(
            "password" if wanted.username.isascii() else "username",
            _("送信サーバーへ送れない文字があります。サービスの画面のとおりか確認してください。"),
        )
    if wanted.password and not wanted.username:
        raise ServerRefused("username", _("パスワードを使うときは、ユーザー名も入力してください。"))
    if wanted.username and wanted.tls is MailTls.NONE:
        raise ServerRefused("tls", _("暗号化しない接続ではパスワードを送りません。STARTTLSかTLSを選んでください。"))
    if wanted.username and not wanted.password and not _same_account(wanted, known):
        raise ServerRefused(
            "password", _("パスワードを入力してください。サーバーかユーザー名が変わると、保存した値は使いません。")
        )


def _same_account(wanted: ServerInput, known: Kept | None) -> bool:
    """Return whether the stored password was typed for this very server and account."""
    if known is None or not known.password:
        return False
    same = ("host", "port", "tls", "username")
    return all(getattr(known, name) == getattr(wanted, name) for name in same)
