"""Sixty seconds in all for a mail, whatever the server does: a dripping one begins every time-out anew."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from relay.mail.connection import BUDGET
from relay.mail.mailbox import Mailbox
from relay.mail.server_route import ServerRoute
from relay.mail.transport import ConnectionPool, Envelope, Fate, Smtp
from relay.models import MailTls
from tests.conftest import make_settings
from tests.smtp import Dripping, SmtpServer, dripping_server, smtp_server

SECONDS = 1.2
LATE = 10.0
"""Seconds a busy machine may add; the servers here drip until they are told to end."""


def way_to(server: SmtpServer | Dripping, tls: MailTls = MailTls.NONE) -> ServerRoute:
    return ServerRoute(7, server.host, server.port, tls, "", "", "saiyo@acme.example")


def mail_by(route: ServerRoute) -> Envelope:
    return Envelope(route.sender, "hanako@mail.example", b"Subject: x\r\n\r\nx\r\n", route)


@pytest.fixture
def lines(app: Flask) -> Iterator[ConnectionPool]:
    made = ConnectionPool(Mailbox.of(app.config["RELAY"]), seconds=SECONDS)
    yield made
    made.rest()


@pytest.mark.parametrize(
    ("word", "fate"),
    [
        ("", Fate.LATER),
        ("EHLO", Fate.LATER),
        ("MAIL", Fate.LATER),
        ("RCPT", Fate.LATER),
        ("DATA", Fate.UNSURE),
        (".", Fate.UNSURE),
    ],
)
def test_wherever_a_server_begins_to_drip_the_line_is_cut(app: Flask, word: str, fate: Fate) -> None:
    with dripping_server(word, pause=0.3) as drip:
        line = Smtp(way_to(drip), seconds=SECONDS)
        started = time.monotonic()
        outcome = line.send(mail_by(line.route))
        took = time.monotonic() - started
    assert outcome.fate is fate
    assert f"{SECONDS}秒以内" in outcome.detail
    assert SECONDS - 0.1 < took < SECONDS + LATE
    assert line.held() == {line.route.key}, "it is left in peace for a while"


def test_encrypting_counts_too(app: Flask) -> None:
    with dripping_server("", pause=0.4) as drip:
        started = time.monotonic()
        line = Smtp(way_to(drip, MailTls.TLS), seconds=SECONDS)
        assert line.send(mail_by(line.route)).fate is Fate.LATER
        assert time.monotonic() - started < SECONDS + LATE


def test_a_mail_that_was_in_time_is_not_cut_afterwards(lines: ConnectionPool) -> None:
    with smtp_server() as server:
        for _mail in range(2):
            assert lines.send(mail_by(way_to(server))).fate is Fate.SENT
            time.sleep(SECONDS)
        assert len(server.received) == 2


def test_saying_goodbye_takes_no_longer_than_a_second(lines: ConnectionPool) -> None:
    with dripping_server("QUIT", pause=0.2) as drip:
        assert lines.send(mail_by(way_to(drip))).fate is Fate.SENT
        started = time.monotonic()
        lines.rest()
        assert time.monotonic() - started < 1 + LATE


def test_an_answer_that_breaks_off_is_no_yes(lines: ConnectionPool) -> None:
    """smtplib reads the first digits of what was to be 250 or 550 as a code below 400."""
    with dripping_server(".", pause=0.2) as drip:
        threading.Timer(0.7, drip.end).start()
        assert lines.send(mail_by(way_to(drip))).fate is Fate.UNSURE


def test_sixty_seconds_are_the_default_and_a_lease_outlives_them(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    assert settings.mail_seconds == BUDGET == 60
    assert settings.lease_seconds > settings.mail_seconds
