"""Handing a mail over: Flask-Mail sends, the bytes stay as they were made, and an answer is known by its command."""

from collections.abc import Iterator
from contextlib import contextmanager

import flask_mail
import pytest
from flask import Flask

from relay.mail.connection import Connection, SmtpCommand
from relay.mail.server_route import ServerRoute
from relay.models import MailTls
from tests.smtp import smtp_server
from tests.unit.mail.test_direct import CONTENT, POLITE, answering

SENDER, TO = "saiyo@acme.example", '"taro..x"@docomo.example'
DATA = (
    b"DKIM-Signature: v=1; b=abc\r\nSubject: =?utf-8?b?57WQ5p6c?=\r\n"
    b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\n.\r\n..\r\n--x--\r\n"
)


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    """An application, to which Flask-Mail tells what it sent."""
    app = Flask(__name__)
    with app.app_context():
        yield app


@contextmanager
def connected(port: int) -> Iterator[Connection]:
    connection = Connection(
        ServerRoute(None, "127.0.0.1", port, MailTls.NONE, "", "", SENDER), connecting=5, patience=5
    )
    with connection.within(10), connection:
        yield connection


def test_flask_mail_sends_and_not_a_byte_changes() -> None:
    told: list[flask_mail.Message] = []
    with smtp_server() as server, flask_mail.email_dispatched.connected_to(lambda _app, message: told.append(message)):
        with connected(server.port) as connection:
            assert connection.hand_over(SENDER, TO, DATA) is None
            assert connection.hand_over(SENDER, TO, DATA) is None
        assert server.raw == [DATA, DATA]
        assert server.recipients == [TO, TO]
    assert len(told) == 2


@pytest.mark.parametrize("command", list(SmtpCommand))
def test_a_refusal_names_its_command_and_leaves_the_host_ready(command: SmtpCommand) -> None:
    replies = POLITE | CONTENT | {"RSET": "250 ok", command.upper(): "550 5.7.1 no"}
    with answering(replies) as port, connected(port) as connection:
        refusal = connection.hand_over(SENDER, TO, DATA)
        assert refusal == (command, 550, b"5.7.1 no")
        assert connection.is_open
        assert connection.last_command == "rset"


@pytest.mark.parametrize("command", list(SmtpCommand))
def test_a_line_that_breaks_tells_the_last_command(command: SmtpCommand) -> None:
    with answering(POLITE | CONTENT | {command.upper(): ""}) as port, connected(port) as connection:
        with pytest.raises(OSError):
            connection.hand_over(SENDER, TO, DATA)
        assert connection.last_command == command
        assert not connection.is_open


def test_a_mail_that_was_taken_in_other_words_is_not_sent_again() -> None:
    with answering(POLITE | CONTENT | {".": "251 2.0.0 taken"}) as port, connected(port) as connection:
        assert connection.hand_over(SENDER, TO, DATA) is None
