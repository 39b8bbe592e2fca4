"""A connection to a mail server: Flask-Mail's, and what it has not of itself: an end of time and checked certificates.

Flask-Mail knows the server by its MAIL_* settings and holds the connection. Whoever asked for it hands the mail over
step by step, because Flask-Mail's own sending does not tell how far a mail came.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import flask_mail

from relay.mail.deadline import Deadline
from relay.mail.outward import Line, LineTls, Outward, OutwardTls
from relay.mail.way import Way
from relay.models import MailTls

CONNECTING = 15.0
"""Seconds a server has to answer the call: a silent one must not hold up the mails of others."""
BUDGET = 60.0
"""Seconds a mail may take in all, from the call to the server's last word; RELAY_MAIL_SECONDS says otherwise."""
FAREWELL = 1.0
"""Seconds a server has to say goodbye."""


class Connection(flask_mail.Connection):
    """Opened by `with` or when first asked for its host; whatever goes wrong is an OSError, as every SMTP error is.

    Everything is said inside `within`, which is what ends a server that never does; `patience` is for a single answer.
    """

    def __init__(self, way: Way, *, connecting: float = CONNECTING, patience: float = BUDGET) -> None:
        mail = flask_mail.Mail()
        mail.state = mail.init_mail(_settings(way))
        super().__init__(mail)
        self._connecting = connecting
        self._patience = patience
        self._outward = way.outward
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

    def open(self) -> smtplib.SMTP:
        """Give the host, ready for a mail, and call it where no connection is kept."""
        if self.host is None:
            self.host = self.configure_host()
        return self.host

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
            return (Outward if self._outward else Line)(server, port, deadline=self._deadline, **options)
        except UnicodeError as error:  # a name no resolver can be asked for
            raise smtplib.SMTPException("no such host") from error

    def _login(self, host: smtplib.SMTP) -> None:
        try:
            host.login(self.mail.username, self.mail.password)
        except UnicodeError as error:
            raise smtplib.SMTPAuthenticationError(535, b"name and password must be ASCII") from error


def _settings(way: Way) -> dict[str, Any]:
    return {
        "MAIL_SERVER": way.host,
        "MAIL_PORT": way.port,
        "MAIL_USE_TLS": way.tls is MailTls.STARTTLS,
        "MAIL_USE_SSL": way.tls is MailTls.TLS,
        "MAIL_USERNAME": way.username,
        "MAIL_PASSWORD": way.password,
        "MAIL_DEFAULT_SENDER": way.sender,
    }
