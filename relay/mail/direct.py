"""Sending at once, while a person waits, to learn whether a server takes mails and if not why.

Beside the outbox on purpose: the test of the settings and the alarm about a dead worker must not need a worker.
"""

import smtplib
import socket
import ssl
from enum import StrEnum
from typing import NamedTuple

from flask import current_app

from relay.mail.connection import Connection, SmtpCommand, told
from relay.mail.mailbox import Mailbox
from relay.mail.outward import NotOutside
from relay.mail.transport import Envelope

PATIENCE = 8.0
"""Seconds each step may take; all together three times as many."""


class SendFailure(StrEnum):
    """Why a mail was not sent, as far as a person can act on it."""

    UNKNOWN_HOST = "unknown-host"
    UNREACHABLE = "unreachable"
    INSIDE = "inside"
    SILENT = "silent"
    HUNG_UP = "hung-up"
    NO_TLS = "no-tls"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    LOGIN_NEEDED = "login-needed"
    NO_LOGIN = "no-login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"
    UNSURE = "unsure"
    """The server fell silent with the mail in its hands: it may arrive."""


BEFORE_THE_MAIL: tuple[tuple[type[OSError], SendFailure], ...] = (
    (smtplib.SMTPAuthenticationError, SendFailure.LOGIN),
    (smtplib.SMTPServerDisconnected, SendFailure.HUNG_UP),
    (smtplib.SMTPResponseException, SendFailure.HUNG_UP),
    (smtplib.SMTPException, SendFailure.UNKNOWN_HOST),
    (NotOutside, SendFailure.INSIDE),
    (ssl.SSLCertVerificationError, SendFailure.CERTIFICATE),
    (ssl.SSLError, SendFailure.NO_TLS),
    (socket.gaierror, SendFailure.UNKNOWN_HOST),
    (TimeoutError, SendFailure.SILENT),
)
"""Errors before a mail could be handed over, the particular before the general."""


REFUSED = {
    SmtpCommand.MAIL: SendFailure.SENDER,
    SmtpCommand.RCPT: SendFailure.RECIPIENT,
    SmtpCommand.DATA: SendFailure.CONTENT,
}
"""What a server does not take, by the command it refuses."""


class SendResult(NamedTuple):
    """The result of sending one mail: no `trouble`, or why it failed and the server's own words."""

    trouble: SendFailure | None = None
    detail: str = ""


def send_now(envelope: Envelope) -> SendResult:
    """Hand a mail over at once. Takes seconds: end the transaction before, or every writer waits (SQLite)."""
    if not envelope.route.host:
        Mailbox.of(current_app.config["RELAY"]).keep(envelope.data)
        return SendResult()
    connection = Connection(envelope.route, connecting=PATIENCE, patience=PATIENCE)
    try:
        with connection.within(3 * PATIENCE), connection:
            return _hand_over(connection, envelope)
    except OSError as error:
        return SendResult(_before_the_mail(error), told(error))


def _hand_over(connection: Connection, envelope: Envelope) -> SendResult:
    try:
        refusal = connection.hand_over(envelope.sender, envelope.to, envelope.data)
    except OSError as error:
        if connection.last_command == SmtpCommand.DATA:
            return SendResult(SendFailure.UNSURE, told(error))
        raise
    if refusal is None:
        return SendResult()
    return SendResult(_refused(refusal.code, refusal.reply, REFUSED[refusal.command]), refusal.words)


def _before_the_mail(error: OSError) -> SendFailure:
    """Return what kept the mail from the server, by the kind of error; to smtplib silence is a line that was closed."""
    if isinstance(error.__context__, TimeoutError):
        return SendFailure.SILENT
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return SendFailure.NO_TLS if "STARTTLS" in str(error) else SendFailure.NO_LOGIN
    return next((trouble for kind, trouble in BEFORE_THE_MAIL if isinstance(error, kind)), SendFailure.UNREACHABLE)


def _refused(code: int, reply: bytes, otherwise: SendFailure) -> SendFailure:
    """Return the trouble of a refusal: 530 asks for a login, policy (5.7.x) means the sender (RFC 4954, 3463)."""
    if code == 530:
        return SendFailure.LOGIN_NEEDED
    return SendFailure.SENDER if b"5.7." in reply else otherwise
