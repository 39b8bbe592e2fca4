"""How a finished mail leaves: over SMTP, by a connection that is kept, or into the mailbox.

What the server answered is told as a fate, and above all whether the mail may have left. Which server a mail leaves
by is on its envelope (relay.mail.servers); one that cannot be reached holds up its own mails and no others.
"""

import logging
import smtplib
import time
from enum import StrEnum
from threading import Lock
from typing import NamedTuple, Protocol

from flask import current_app
from flask_babel import gettext as _

from relay.config import Settings
from relay.mail import refusals
from relay.mail.connection import BUDGET, Connection, SmtpCommand, SmtpRefusal, told
from relay.mail.mailbox import Mailbox
from relay.mail.refusals import Refusal, ServerAnswer
from relay.mail.server_route import ServerRoute, ServerRouteKey

log = logging.getLogger("relay.worker")

MAX_PAUSE = 120.0
LOGIN_PAUSE = 600.0
"""After a refused login: providers lock an account that tries the wrong password again and again."""
MAX_LINES = 8
IDLE = 20.0
MAY_PASS = frozenset({Refusal.OUR_SETUP, Refusal.MAILBOX_FULL, Refusal.UNREACHED})
"""Refusals of an address that another try may well not meet, though the server calls them permanent."""
FORGOTTEN_AFTER = 900.0


class Fate(StrEnum):
    """The fate of a mail handed to the server."""

    SENT = "sent"
    REFUSED = "refused"
    """For good."""
    LATER = "later"
    """It has certainly not left, and another try may help."""
    UNSURE = "unsure"
    """The line broke while the server held it: it may have left."""


class DeliveryResult(NamedTuple):
    """The fate of a mail, the server's answer for HR, and what it means where it was a refusal."""

    fate: Fate
    detail: str = ""
    refusal: Refusal | None = None


class Envelope(NamedTuple):
    """A mail ready to leave: who it is from and to, its bytes, and the way it takes."""

    sender: str
    to: str
    data: bytes
    route: ServerRoute


class Transport(Protocol):
    """Whatever takes mails away."""

    def send(self, envelope: Envelope) -> DeliveryResult:
        """Hand over one mail and say what became of it."""

    def held(self) -> frozenset[ServerRouteKey]:
        """Return the ways by which it makes no sense to try now."""

    def rest(self) -> None:
        """Let go of what need not be held while nothing is due."""


class Rest:
    """For how long a server that could not be used is left in peace; every line to it knows."""

    def __init__(self) -> None:
        self._failures = 0
        self.until = 0.0

    def begin(self, pause: float | None = None) -> None:
        """Leave it in peace for so long; unless said, the longer the more often it failed."""
        self._failures += 1
        self.until = time.monotonic() + (min(MAX_PAUSE, 2.0**self._failures) if pause is None else pause)

    def end(self) -> None:
        """Note that it works."""
        self._failures, self.until = 0, 0.0

    @property
    def lasts(self) -> bool:
        """Return whether it is not to be tried yet."""
        return time.monotonic() < self.until


class Smtp:
    """One kept SMTP connection.

    A mail has `seconds` in all, whatever the server does meanwhile; one that needs more is cut, and rests.
    """

    def __init__(self, route: ServerRoute, *, seconds: float = BUDGET, rest: Rest | None = None) -> None:
        self.route = route
        self.used_at = time.monotonic()
        self._connection = Connection(route)
        self._seconds = seconds
        self._rest = rest or Rest()

    @property
    def is_open(self) -> bool:
        """Return whether a connection is kept."""
        return self._connection.is_open

    def held(self) -> frozenset[ServerRouteKey]:
        """Its way, for some seconds after the server could not be used, so that a queue is not worn out on it."""
        return frozenset({self.route.key}) if self._rest.lasts else frozenset()

    def rest(self) -> None:
        """Close the connection; servers drop idle ones anyway."""
        self._connection.quit()

    def hang_up(self) -> None:
        """Close the connection without a word, and without waiting for one."""
        self._connection.drop()

    def send(self, envelope: Envelope) -> DeliveryResult:
        """Hand one mail to the server; a kept connection that has died meanwhile is opened once more."""
        self.used_at = time.monotonic()
        with self._connection.within(self._seconds):
            outcome = self._send(envelope)
        if not self._connection.is_over or outcome.fate is Fate.SENT:
            return outcome
        self._rest.begin()
        sentence = _("送信サーバーが%(seconds)s秒以内に受け取りませんでした。", seconds=f"{self._seconds:g}")
        return DeliveryResult(outcome.fate, sentence)

    def _send(self, envelope: Envelope) -> DeliveryResult:
        kept = self.is_open
        try:
            refusal = self._connection.hand_over(envelope.sender, envelope.to, envelope.data)
        except OSError as error:
            return self._broken_off(envelope, error, kept=kept)
        if refusal is not None and kept and (refusal.command, refusal.code) == (SmtpCommand.MAIL, 421):
            self._connection.drop()
            return self._send(envelope)
        return self._used(DeliveryResult(Fate.SENT) if refusal is None else _refused(refusal, envelope.to))

    def _broken_off(self, envelope: Envelope, error: OSError, *, kept: bool) -> DeliveryResult:
        """Tell what became of a mail by how far it came; one that never reached the host may go by a new line."""
        reached = self._connection.last_command
        self._connection.drop()
        if reached == SmtpCommand.DATA:
            return self._used(DeliveryResult(Fate.UNSURE, told(error)))
        if reached == SmtpCommand.RCPT:
            return self._used(DeliveryResult(Fate.LATER, told(error)))
        if self._connection.is_over:
            return DeliveryResult(Fate.LATER, told(error))
        return self._send(envelope) if kept else self._unreachable(error)

    def _used(self, outcome: DeliveryResult) -> DeliveryResult:
        """End the rest of a server that took part in sending, in time."""
        if not self._connection.is_over:
            self._rest.end()
        return outcome

    def _unreachable(self, error: Exception) -> DeliveryResult:
        log.warning("mail server %s cannot be used: %s", self.route.host, told(error))
        self._rest.begin(LOGIN_PAUSE if _is_refused_login(error) else None)
        return DeliveryResult(Fate.LATER, told(error))


class ConnectionPool:
    """Send the worker's mails: keep connections to their servers, at most eight of them idle, and the mailbox.

    May be used by several threads: each mail has a connection of its own while it is handed over.
    """

    def __init__(self, mailbox: Mailbox, *, seconds: float = BUDGET) -> None:
        self._mailbox = ToMailbox(mailbox)
        self._seconds = seconds
        self._lock = Lock()
        self._idle: list[Smtp] = []
        self._rests: dict[ServerRoute, Rest] = {}

    def send(self, envelope: Envelope) -> DeliveryResult:
        """Hand the mail to the server named on its envelope."""
        if not envelope.route.host:
            return self._mailbox.send(envelope)
        line = self._line(envelope.route)
        try:
            return line.send(envelope)
        finally:
            self._keep(line)

    def held(self) -> frozenset[ServerRouteKey]:
        """Return the ways of the servers that could not be used a moment ago."""
        with self._lock:
            return frozenset(route.key for route, rest in self._rests.items() if rest.lasts)

    def rest(self) -> None:
        """Close every idle connection, and forget servers long out of use."""
        forgotten = time.monotonic() - FORGOTTEN_AFTER
        with self._lock:
            idle, self._idle = self._idle, []
            self._rests = {route: rest for route, rest in self._rests.items() if rest.until > forgotten}
        for line in idle:
            line.rest()

    def _line(self, route: ServerRoute) -> Smtp:
        """Return a connection that is free, the last used first; else a new one."""
        with self._lock:
            rest = self._rests.setdefault(route, Rest())
            for line in reversed(self._idle):
                if line.route == route:
                    self._idle.remove(line)
                    return line
        return Smtp(route, seconds=self._seconds, rest=rest)

    def _keep(self, line: Smtp) -> None:
        """Put it to the others; what has been idle for long is hung up, and what is too many."""
        with self._lock:
            kept = [*self._idle, line] if line.is_open else self._idle
            old = [each for each in kept if each.used_at < time.monotonic() - IDLE]
            self._idle = [each for each in kept if each not in old][-MAX_LINES:]
            surplus = [each for each in kept if each not in self._idle]
        for each in surplus:
            each.hang_up()


class ToMailbox:
    """Development without a server: mails land in files."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def send(self, envelope: Envelope) -> DeliveryResult:
        """Keep the mail in the mailbox; it always arrives."""
        self._mailbox.keep(envelope.data)
        return DeliveryResult(Fate.SENT)

    def held(self) -> frozenset[ServerRouteKey]:
        """Files are always there."""
        return frozenset()

    def rest(self) -> None:
        """Hold nothing."""


def of_installation() -> Transport:
    """Return what takes this installation's mails away; where to is on each envelope."""
    settings: Settings = current_app.config["RELAY"]
    return ConnectionPool(Mailbox.of(settings), seconds=settings.mail_seconds)


def _refused(refusal: SmtpRefusal, to: str) -> DeliveryResult:
    """Return what a refusal comes to. At MAIL it is about us; at RCPT some of the others may pass."""
    words = refusal.reply.decode("utf-8", "replace")
    means = refusals.meaning(ServerAnswer(words, refusal.code, after_content=refusal.command is SmtpCommand.DATA), to)
    if refusal.command is SmtpCommand.MAIL:
        means = Refusal.OUR_SETUP if refusal.code >= 500 else Refusal.UNREACHED
    for_good = refusal.code >= 500 and (means not in MAY_PASS or refusal.command is SmtpCommand.DATA)
    return DeliveryResult(Fate.REFUSED if for_good else Fate.LATER, refusal.words, means)


def _is_refused_login(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500
