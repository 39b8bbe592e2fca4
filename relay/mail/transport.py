"""How a finished mail leaves: over SMTP, by a connection that is kept, or into the mailbox.

What the server answered is told as a fate, and above all whether the mail may have left. Which server a mail leaves
by is on its envelope (relay.mail.servers); one that cannot be reached holds up its own mails and no others.
"""

import logging
import smtplib
import time
from enum import StrEnum
from typing import NamedTuple, Protocol

from flask import current_app

from relay.config import Settings
from relay.mail.connection import Connection
from relay.mail.mailbox import Mailbox
from relay.mail.way import Way, WayKey

log = logging.getLogger("relay.worker")

LONGEST_PAUSE = 120.0
LOGIN_PAUSE = 600.0
"""After a refused login: providers lock an account that tries the wrong password again and again."""
MOST_LINES = 8
IDLE = 20.0
FORGOTTEN_AFTER = 900.0


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
    """A mail ready to leave: who it is from and to, its bytes, and the way it takes."""

    sender: str
    to: str
    data: bytes
    way: Way


class Transport(Protocol):
    """Whatever takes mails away."""

    def send(self, envelope: Envelope) -> Outcome:
        """Hand over one mail and say what became of it."""

    def held(self) -> frozenset[WayKey]:
        """The ways by which it makes no sense to try now."""

    def rest(self) -> None:
        """Let go of what need not be held while nothing is due."""


class Smtp:
    """One kept SMTP connection. Steps are taken one by one, so that it is known how far a mail came."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.used_at = time.monotonic()
        self._connection = Connection(way)
        self._failures = 0
        self._paused_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether a connection is kept."""
        return self._connection.host is not None

    @property
    def is_forgettable(self) -> bool:
        """Whether nothing is kept or remembered that matters any more."""
        return not self.is_open and time.monotonic() > max(self.used_at, self._paused_until) + FORGOTTEN_AFTER

    def held(self) -> frozenset[WayKey]:
        """Its way, for some seconds after the server could not be reached, so that a queue is not worn out on it."""
        return frozenset() if time.monotonic() >= self._paused_until else frozenset({self.way.key})

    def rest(self) -> None:
        """Close the connection; servers drop idle ones anyway."""
        self._connection.quit()

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one mail to the server; a kept connection that has died meanwhile is opened anew once."""
        self.used_at = time.monotonic()
        kept = self.is_open
        try:
            host = self._connection.open()
            code, reply = host.mail(envelope.sender)
            if kept and code == 421:
                self._connection.drop()
                host = self._connection.open()
                code, reply = host.mail(envelope.sender)
        except OSError as error:
            self._connection.drop()
            return self.send(envelope) if kept else self._unreachable(error)
        self._failures = 0
        self._paused_until = 0.0
        try:
            return self._hand_over(host, envelope, code, reply)
        except OSError as error:
            self._connection.drop()
            return Outcome(Fate.LATER, told(error))

    def _hand_over(self, host: smtplib.SMTP, envelope: Envelope, code: int, reply: bytes) -> Outcome:
        if code >= 400:
            return self._again(host, Outcome(Fate.LATER, words(code, reply)))
        code, reply = host.rcpt(envelope.to)
        if code >= 400:
            return self._again(host, Outcome(_fate_of_recipient(code, reply), words(code, reply)))
        try:
            code, reply = host.data(envelope.data)
        except smtplib.SMTPDataError as error:
            return self._again(host, Outcome(_fate_of_content(error.smtp_code, _bytes(error)), told(error)))
        except OSError as error:
            self._connection.drop()
            return Outcome(Fate.UNSURE, told(error))
        if code >= 400:
            return self._again(host, Outcome(_fate_of_content(code, reply), words(code, reply)))
        return Outcome(Fate.SENT)

    def _again(self, host: smtplib.SMTP, outcome: Outcome) -> Outcome:
        """Ready the connection for the next mail after a refusal."""
        try:
            host.rset()
        except OSError:
            self._connection.drop()
        return outcome

    def _unreachable(self, error: Exception) -> Outcome:
        self._failures += 1
        log.warning("mail server %s cannot be used: %s", self.way.host, told(error))
        pause = LOGIN_PAUSE if _is_refused_login(error) else min(LONGEST_PAUSE, 2.0**self._failures)
        self._paused_until = time.monotonic() + pause
        return Outcome(Fate.LATER, told(error))


class Lines:
    """The worker's way out: a kept connection for each server mails leave by, at most eight, and the mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = ToMailbox(mailbox)
        self._lines: dict[Way, Smtp] = {}

    def send(self, envelope: Envelope) -> Outcome:
        """Hand the mail to the server named on its envelope."""
        if not envelope.way.host:
            return self._mailbox.send(envelope)
        line = self._lines.setdefault(envelope.way, Smtp(envelope.way))
        self._make_room(line)
        return line.send(envelope)

    def held(self) -> frozenset[WayKey]:
        """The ways of the servers that could not be reached a moment ago."""
        return frozenset().union(*(line.held() for line in self._lines.values()))

    def rest(self) -> None:
        """Close every connection, and forget servers long out of use."""
        for line in self._lines.values():
            line.rest()
        self._lines = {way: line for way, line in self._lines.items() if not line.is_forgettable}

    def _make_room(self, wanted: Smtp) -> None:
        """Close what has been idle, and where there are too many the one unused for longest."""
        others = sorted((line for line in self._lines.values() if line.is_open), key=lambda line: line.used_at)
        too_many = len(others) + (not wanted.is_open) - MOST_LINES
        for number, line in enumerate(others):
            if line is not wanted and (number < too_many or line.used_at < time.monotonic() - IDLE):
                line.rest()


class ToMailbox:
    """Development without a server: mails land in files."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def send(self, envelope: Envelope) -> Outcome:
        """Keep the mail in the mailbox; it always arrives."""
        self._mailbox.keep(envelope.data)
        return Outcome(Fate.SENT)

    def held(self) -> frozenset[WayKey]:
        """Files are always there."""
        return frozenset()

    def rest(self) -> None:
        """Nothing is held."""


def of_installation() -> Transport:
    """What takes this installation's mails away; where to stands on each envelope."""
    settings: Settings = current_app.config["RELAY"]
    return Lines(Mailbox.of(settings))


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


def _is_refused_login(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500


def _bytes(error: smtplib.SMTPResponseException) -> bytes:
    return error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()


def words(code: int, reply: bytes) -> str:
    """What a server said, for whoever has to find out."""
    return f"{code} {reply.decode('utf-8', 'replace')}"[:300]


def told(error: Exception) -> str:
    """What an error says, or a server through it."""
    if isinstance(error, smtplib.SMTPResponseException):
        return words(error.smtp_code, _bytes(error))
    return (str(error) or type(error).__name__)[:300]
