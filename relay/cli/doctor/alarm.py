"""Telling the operator by mail that something is wrong: at once, by SMTP, without outbox and worker, which may be it.

The same troubles are told once a day, not at every look. To whom the mails go is remembered, for the day on which
the database cannot be asked.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay import clock
from relay.cli.doctor.finding import Finding, Severity
from relay.config import Settings
from relay.errors import DomainError
from relay.mail import outbox, servers
from relay.mail.compose import WIRE
from relay.mail.direct import send_now
from relay.mail.server_route import ServerRoute, of_settings
from relay.mail.transport import Envelope
from relay.models import Company, Role, User, scopes
from relay.text import addr_spec

FILE = "doctor.json"
AGAIN = timedelta(hours=24)


class NotTold(DomainError):
    """Raise when the alarm could not be sent."""

    code = "alarm-not-sent"


@dataclass
class Memory:
    """The last alarm: what was told, when and to whom."""

    told: list[str] = field(default_factory=list)
    at: str = ""
    to: list[str] = field(default_factory=list)


def raise_alarm(session: Session, settings: Settings, findings: list[Finding], to: list[str]) -> list[str]:
    """Mail the report where there is trouble that was not told within a day; gives whom it was mailed to.

    Raises NotTold.
    """
    path = settings.instance / FILE
    memory = _remembered(path)
    memory.to = to or _administrators(session) or memory.to
    troubles = sorted(finding.key for finding in findings if finding.level is Severity.TROUBLE)
    new = bool(set(troubles) - set(memory.told)) or _is_old(memory)
    told: list[str] = []
    if troubles and new:
        if not memory.to:
            raise NotTold("知らせる宛先がありません。--to でメールアドレスを指定してください。")
        _send(settings, _route(session, settings), findings, memory.to)
        told, memory.at = memory.to, clock.now().isoformat()
    memory.told = troubles
    path.write_text(json.dumps(asdict(memory)), encoding="utf-8")
    return told


def _remembered(path: Path) -> Memory:
    try:
        return Memory(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Memory()


def _is_old(memory: Memory) -> bool:
    return not memory.at or clock.now() - datetime.fromisoformat(memory.at) > AGAIN


def _administrators(session: Session) -> list[str]:
    """Return the administrators of the company that runs the installation."""
    mine = (
        select(User.email)
        .join(Company, Company.id == User.company_id)
        .where(Company.runs_installation, User.role == Role.ADMIN, User.disabled_at.is_(None))
        .order_by(User.id)
    )
    try:
        with scopes.everyone(session, "doctor: who answers for the installation"):
            return list(session.scalars(mine))
    except SQLAlchemyError:
        return []
    finally:
        _let_go(session)


def _route(session: Session, settings: Settings) -> ServerRoute:
    try:
        return servers.route_for(session, None)
    except (SQLAlchemyError, DomainError) as error:
        route = of_settings(settings)
        if route is None:
            raise NotTold(
                "知らせるメールの送信サーバーがありません。relay mail server set で決めてください。"
            ) from error
        return route
    finally:
        _let_go(session)


def _let_go(session: Session) -> None:
    """Roll back; a database that is away cannot be told to, either."""
    with suppress(SQLAlchemyError):
        session.rollback()


def _send(settings: Settings, route: ServerRoute, findings: list[Finding], to: list[str]) -> None:
    for address in to:
        mail = _letter(settings, route, findings, address)
        trial = send_now(Envelope(addr_spec(route.sender), addr_spec(address), mail.as_bytes(), route))
        if trial.trouble is not None:
            raise NotTold(f"{address} に知らせるメールを送れませんでした（{trial.trouble.value} {trial.detail}）。")


def _letter(settings: Settings, route: ServerRoute, findings: list[Finding], to: str) -> EmailMessage:
    count = sum(finding.level is Severity.TROUBLE for finding in findings)
    mail = EmailMessage(policy=WIRE)
    mail["Subject"] = f"【Relay】{settings.hostname} で、対処が必要なことが{count}件あります"
    mail["From"] = formataddr(("Relay", addr_spec(route.sender)))
    mail["To"] = addr_spec(to)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = outbox.new_message_id()
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    lines = [str(finding) for finding in findings if finding.level is not Severity.WELL]
    beginning = f"{settings.base_url} を動かしている機械で relay doctor が見つけたことです。"
    end = "同じことは、1日に1度だけお知らせします。解決したかどうかは、その機械で relay doctor を実行すると分かります。"
    mail.set_content("\n\n".join([beginning, *lines, end]) + "\n")
    return mail
