"""The route a mail takes: a server, how to reach it, and the address mails come from there."""

from dataclasses import dataclass, field
from datetime import datetime

from relay.config import Settings
from relay.models import MailTls

NOBODY = "relay@localhost"
"""The sender in development, where none is set."""

ServerRouteKey = tuple[int | None, datetime | None]
"""Names a route without its secrets: whose server, as set when."""


@dataclass(frozen=True)
class ServerRoute:
    """A server, how to reach it, and the address mails come from there. Without a host it is the mailbox."""

    company_id: int | None
    """Whose server it is; None for the installation's."""
    host: str
    port: int
    tls: MailTls
    username: str
    password: str = field(repr=False)
    sender: str
    set_at: datetime | None = None
    outward: bool = False
    """Whether the server must stand outside: named by a company that does not run the installation."""

    @property
    def key(self) -> ServerRouteKey:
        """Return what the route is known by: another server, or the same one set again, has another key."""
        return self.company_id, self.set_at


def of_settings(settings: Settings) -> ServerRoute | None:
    """Return the installation's own way: its server, in development without one the mailbox, else none."""
    if not settings.mail_host:
        return (
            ServerRoute(None, "", 0, MailTls.NONE, "", "", settings.mail_sender or NOBODY)
            if settings.development
            else None
        )
    return ServerRoute(
        company_id=None,
        host=settings.mail_host,
        port=settings.mail_port,
        tls=MailTls(settings.mail_tls),
        username=settings.mail_username,
        password=settings.mail_password,
        sender=settings.mail_sender or NOBODY,
    )
