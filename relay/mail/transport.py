"""How a finished mail leaves: over SMTP, by a connection Flask-Mail opens and this room keeps, or into the mailbox.

What the server answered is told as a fate, and above all whether the mail may have left.
"""

import logging
import smtplib
import ssl
import time
from enum import StrEnum
from typing import NamedTuple, Protocol

from flask import current_app
from flask_mail import Connection, Mail

from relay.config import Settings
from relay.mail.mailbox import Mailbox

log = logging.getLogger("relay.worker")

TIMEOUT = 60.0
LONGEST_PAUSE = 30.0


class Fate(StrEnum):
    """What became of a mail handed to the server."""

    SENT = "sent"
    NO_SUCH_ADDRESS = "no-such-address"
    REFUSED = "refused"
    LATER = "later"
    """It has certainly not left, and another try may help."""
    UNSURE = "unsure"
    """The line broke while the server held it: it may have left."""


class Outcome(NamedTuple):
    """A fate, and the server's words for HR."""

    fate: Fate
    detail: str = ""


class Envelope(NamedTuple):
    """A mail ready to leave: who it is from and to, and its bytes."""

    sender: str
    to: str
    data: bytes


class Transport(Protocol):
    """Whatever takes mails away."""

    def send(self, envelope: Envelope) -> Outcome:
        """Hand over one mail and say what became of it."""

    def ready(self) -> bool:
        """Whether it makes sense to try now."""

    def rest(self) -> None:
        """Let go of what need not be held while nothing is due."""


class Line(Connection):
    """Flask-Mail's connection, opened with patience that ends and with certificates checked; its own knows neither."""

    def configure_host(self) -> smtplib.SMTP:
        """Open the line, ready for a mail. Raises OSError, of which every SMTP error is one."""
        host = self._dial()
        try:
            host.set_debuglevel(0)
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
            host.ehlo_or_helo_if_needed()
        except OSError:
            host.close()
            raise
        return host

    def _dial(self) -> smtplib.SMTP:
        if self.mail.use_ssl:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.mail.server, self.mail.port, timeout=TIMEOUT, context=context)
        return smtplib.SMTP(self.mail.server, self.mail.port, timeout=TIMEOUT)


class Smtp:
    """One kept SMTP connection. Steps are taken one by one, so that it is known how far a mail came."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._host: smtplib.SMTP | None = None
        self._failures = 0
        self._paused_until = 0.0

    def ready(self) -> bool:
        """False for some seconds after a server could not be reached, so that a queue is not worn out on it."""
        return time.monotonic() >= self._paused_until

    def rest(self) -> None:
        """Close the connection; servers drop idle ones anyway."""
        host, self._host = self._host, None
        if host is not None:
            try:
                host.quit()
            except OSError:
                host.close()

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one mail to the server; a kept connection that has died meanwhile is opened anew once."""
        kept = self._host is not None
        try:
            host = self._open()
            code, reply = host.mail(envelope.sender)
            if kept and code == 421:
                host = self._reopen()
                code, reply = host.mail(envelope.sender)
        except OSError as error:
            self._drop()
            return self.send(envelope) if kept else self._unreachable(error)
        self._failures = 0
        try:
            return self._hand_over(host, envelope, code, reply)
        except OSError as error:
            self._drop()
            return Outcome(Fate.LATER, _told(error))

    def _hand_over(self, host: smtplib.SMTP, envelope: Envelope, code: int, reply: bytes) -> Outcome:
        if code >= 400:
            return self._again(host, Outcome(Fate.LATER, _words(code, reply)))
        code, reply = host.rcpt(envelope.to)
        if code >= 400:
            return self._again(host, Outcome(_fate_of_recipient(code, reply), _words(code, reply)))
        try:
            code, reply = host.data(envelope.data)
        except smtplib.SMTPDataError as error:
            return self._again(host, Outcome(_fate_of_content(error.smtp_code, _bytes(error)), _told(error)))
        except OSError as error:
            self._drop()
            return Outcome(Fate.UNSURE, _told(error))
        if code >= 400:
            return self._again(host, Outcome(_fate_of_content(code, reply), _words(code, reply)))
        return Outcome(Fate.SENT)

    def _again(self, host: smtplib.SMTP, outcome: Outcome) -> Outcome:
        """Ready the connection for the next mail after a refusal."""
        try:
            host.rset()
        except OSError:
            self._drop()
        return outcome

    def _open(self) -> smtplib.SMTP:
        if self._host is None:
            self._host = Line(self._mail).configure_host()
        return self._host

    def _reopen(self) -> smtplib.SMTP:
        self._drop()
        return self._open()

    def _drop(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            host.close()

    def _unreachable(self, error: Exception) -> Outcome:
        self._failures += 1
        log.warning("the mail server cannot be used: %s", _told(error))
        self._paused_until = time.monotonic() + min(LONGEST_PAUSE, 2.0**self._failures)
        return Outcome(Fate.LATER, _told(error))


class ToMailbox:
    """Development without a server: mails land in files."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def send(self, envelope: Envelope) -> Outcome:
        """Keep the mail in the mailbox; it always arrives."""
        self._mailbox.keep(envelope.data)
        return Outcome(Fate.SENT)

    def ready(self) -> bool:
        """Files are always there."""
        return True

    def rest(self) -> None:
        """Nothing is held."""


def of_installation() -> Transport:
    """The way mails leave this installation: SMTP where a server is named, the mailbox in development without one."""
    settings: Settings = current_app.config["RELAY"]
    if settings.mail_host:
        return Smtp(current_app.extensions["mail"])
    return ToMailbox(Mailbox.of(settings))


def _fate_of_recipient(code: int, reply: bytes) -> Fate:
    """A 5xx at RCPT means the address is no good, save where the server speaks of its own policy (RFC 3463, 5.7.x)."""
    if code < 500 or b"5.7." in reply:
        return Fate.LATER
    return Fate.NO_SUCH_ADDRESS


def _fate_of_content(code: int, reply: bytes) -> Fate:
    """After DATA a 5xx is about the mail, unless its status names the address (RFC 3463, 5.1.x)."""
    if code < 500:
        return Fate.LATER
    return Fate.NO_SUCH_ADDRESS if b"5.1." in reply else Fate.REFUSED


def _bytes(error: smtplib.SMTPResponseException) -> bytes:
    return error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()


def _words(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}"[:300]


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, _bytes(error))
    return (str(error) or type(error).__name__)[:300]
