"""A connection to a mail server: Flask-Mail's, with an end of time and checked certificates added.

Flask-Mail knows the server by its MAIL_* settings, opens the connection and sends by it. What it sends are finished
bytes, signed and in parts, of which it rewrites nothing.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import Any, NamedTuple

import flask_mail

from relay.mail.deadline import Deadline
from relay.mail.outward import LineTls, Outward, OutwardTls, TimedSmtp
from relay.mail.server_route import ServerRoute
from relay.models import MailTls

CONNECTING = 15.0
"""Seconds a server has to answer the call: a silent one must not hold up the mails of others."""
BUDGET = 60.0
"""Seconds a mail may take in all, from the call to the server's last word; RELAY_MAIL_SECONDS says otherwise."""
FAREWELL = 1.0
"""Seconds a server has to say goodbye."""


class SmtpCommand(StrEnum):
    """The steps of handing a mail over (RFC 5321 section 3.3)."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


class SmtpRefusal(NamedTuple):
    """The answer of a server that does not take a mail, and the command it came to."""

    command: SmtpCommand
    code: int
    reply: bytes

    @property
    def words(self) -> str:
        """Return the answer, for the person who has to find out."""
        return words(self.code, self.reply)


class _Finished(flask_mail.Message):
    """A mail whose bytes are made: Flask-Mail reads of it whom it is from and to."""

    def __init__(self, sender: str, to: str, data: bytes) -> None:
        super().__init__(sender=sender, recipients=[to])
        self._data = data

    def as_bytes(self) -> bytes:
        """Return the bytes as they are."""
        return self._data


class Connection(flask_mail.Connection):
    """Opened by `with` or when first asked for its host; whatever goes wrong is an OSError, as every SMTP error is.

    Everything is said inside `within`, which is what ends a server that never does; `patience` is for a single answer.
    """

    def __init__(self, route: ServerRoute, *, connecting: float = CONNECTING, patience: float = BUDGET) -> None:
        server: Any = flask_mail.Mail().init_mail(_settings(route))  # typed as Mail; Mail.connect hands on this as well
        super().__init__(server)
        self._connecting = connecting
        self._patience = patience
        self._outward = route.outward
        self._deadline = Deadline()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give the block so many seconds in all; then the line is cut, and what waits for an answer fails."""
        with self._deadline.within(seconds):
            yield

    @property
    def is_over(self) -> bool:
        """Return whether the line was cut because the time of the last block was over."""
        return self._deadline.passed

    @property
    def is_open(self) -> bool:
        """Return whether a connection is kept."""
        return self.host is not None and self.host.sock is not None

    @property
    def last_command(self) -> str:
        """Return what the host was told last; '' where it was not reached. After an error: how far a mail came."""
        return self.host.last_command if isinstance(self.host, TimedSmtp) else ""

    def hand_over(self, sender: str, to: str, data: bytes) -> SmtpRefusal | None:
        """Send finished bytes, and call the host before where no connection is kept.

        Return None where the host has taken them, else its answer; it is then ready for the next mail, or hung up.
        Raises OSError where the line breaks: `last_command` says whether the host may have taken them.
        """
        if not self.is_open:
            self.drop()
            self.host = self.configure_host()
        try:
            self.send(_Finished(sender, to, data))
        except smtplib.SMTPSenderRefused as error:
            return SmtpRefusal(SmtpCommand.MAIL, error.smtp_code, reply_of(error))
        except smtplib.SMTPRecipientsRefused as error:
            [(code, reply)] = error.recipients.values()
            return SmtpRefusal(SmtpCommand.RCPT, code, reply)
        except smtplib.SMTPDataError as error:
            self._forget_mail()
            return SmtpRefusal(SmtpCommand.DATA, error.smtp_code, reply_of(error))
        return None

    def _forget_mail(self) -> None:
        """Ready the host for the next mail: smtplib does not where the host refuses the word DATA itself."""
        try:
            if self.is_open and self.host is not None:
                self.host.rset()
        except OSError:
            self.drop()

    def quit(self) -> None:
        """Take leave of the host, however it takes it."""
        if self.host is not None:
            with suppress(OSError), self.within(FAREWELL):
                self.host.quit()
        self.drop()

    def drop(self) -> None:
        """Hang up on a host that is no use any more."""
        host, self.host = self.host, None
        if host is not None:
            host.close()
        self._deadline.forget()

    def configure_host(self) -> smtplib.SMTP:
        """Call the host, encrypt and log in as the settings say; in place of Flask-Mail's, which trusts and waits."""
        host = self._call()
        try:
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                self._login(host)
            host.ehlo_or_helo_if_needed()
            if host.sock is not None:
                host.sock.settimeout(self._patience)
        except OSError:
            host.close()
            self._deadline.forget()
            raise
        return host

    def __exit__(self, *_error: object) -> None:
        self.quit()

    def _call(self) -> smtplib.SMTP:
        server, port, options = self.mail.server, self.mail.port, {"timeout": self._connecting}
        try:
            if self.mail.use_ssl:
                encrypted = OutwardTls if self._outward else LineTls
                context = ssl.create_default_context()
                return encrypted(server, port, deadline=self._deadline, context=context, **options)
            return (Outward if self._outward else TimedSmtp)(server, port, deadline=self._deadline, **options)
        except UnicodeError as error:  # a name no resolver can be asked for
            raise smtplib.SMTPException("no such host") from error

    def _login(self, host: smtplib.SMTP) -> None:
        try:
            host.login(self.mail.username, self.mail.password)
        except UnicodeError as error:
            raise smtplib.SMTPAuthenticationError(535, b"name and password must be ASCII") from error


def reply_of(error: smtplib.SMTPResponseException) -> bytes:
    """Return the words of a server's answer."""
    return error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()


def words(code: int, reply: bytes) -> str:
    """Return what a server said, for the person who has to find out."""
    return f"{code} {reply.decode('utf-8', 'replace')}"[:300]


def told(error: Exception) -> str:
    """Return what an error says, or a server through it."""
    if isinstance(error, smtplib.SMTPResponseException):
        return words(error.smtp_code, reply_of(error))
    return (str(error) or type(error).__name__)[:300]


def _settings(route: ServerRoute) -> dict[str, Any]:
    return {
        "MAIL_SERVER": route.host,
        "MAIL_PORT": route.port,
        "MAIL_USE_TLS": route.tls is MailTls.STARTTLS,
        "MAIL_USE_SSL": route.tls is MailTls.TLS,
        "MAIL_USERNAME": route.username,
        "MAIL_PASSWORD": route.password,
        "MAIL_DEFAULT_SENDER": route.sender,
    }
