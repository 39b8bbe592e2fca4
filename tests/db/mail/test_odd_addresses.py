"""Addresses whose local part is no dot-atom, as old carriers gave them: quoted on the wire, kept as people know them.

The server of these tests is strict (tests/smtp.py): it takes nothing but the form of RFC 5321.
"""

import smtplib
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay.mail.mailbox import Mailbox
from relay.mail.refusals import Refusal
from relay.models import Message, MessageState
from relay.text import addr_spec
from tests.cast import Cast
from tests.db.mail.conftest import Letters
from tests.smtp import SmtpServer

Queue = Callable[..., Message]
Deliver = Callable[..., int]

ODD = {
    "kyohi..ten@docomo.ne.jp": '"kyohi..ten"@docomo.ne.jp',
    "dai..saito.@docomo.ne.jp": '"dai..saito."@docomo.ne.jp',
    ".taro@ezweb.ne.jp": '".taro"@ezweb.ne.jp',
    "taro.@docomo.ne.jp": '"taro."@docomo.ne.jp',
    "-_..!@docomo.ne.jp": '"-_..!"@docomo.ne.jp',
}
"""Addresses as they are kept, and as they travel."""
FINE = ("hanako@mail.example", "a.b+c@mail.example", "-x_y@docomo.ne.jp")
OF_SYNTAX = (
    "501 Syntax error in parameters or arguments",
    "501 5.1.3 Bad recipient address syntax",
    "501 5.5.4 Invalid arguments",
    "553 5.1.3 The recipient address is not a valid RFC 5321 address",
    "553 malformed address: dots",
    "550 Invalid address format",
    "555 5.5.2 Syntax error",
)
"""What servers say of an address whose form they do not take."""
OF_ADDRESS = (
    "550 5.1.1 no such user, see https://mail.example/syntax",
    "550 no such user here",
    "553 5.1.2 no such domain",
)


@pytest.mark.parametrize(("kept", "sent"), ODD.items())
def test_an_odd_local_part_is_quoted_in_envelope_and_header(
    queue: Queue, deliver: Deliver, server: SmtpServer, kept: str, sent: str
) -> None:
    message = queue(to=kept)
    deliver()
    assert (message.state, message.to_address) == (MessageState.SENT, kept)
    assert server.recipients == [sent]
    assert f"To: {sent}\r\n".encode() in server.raw[0]
    assert not server.received[0]["To"].defects


@pytest.mark.parametrize("address", FINE)
def test_any_other_address_travels_as_it_is(queue: Queue, deliver: Deliver, server: SmtpServer, address: str) -> None:
    queue(to=address)
    deliver()
    assert server.recipients == [address]
    assert f"To: {address}\r\n".encode() in server.raw[0]


def test_the_server_of_these_tests_refuses_what_is_not_quoted(server: SmtpServer) -> None:
    with smtplib.SMTP(server.host, server.port) as line:
        line.ehlo()
        line.mail("relay@relay.example")
        answers = {address: line.docmd(f"RCPT TO:<{address}>")[0] for pair in ODD.items() for address in pair}
    assert {address: answers[address] for address in ODD} == dict.fromkeys(ODD, 553)
    assert {address: answers[address] for address in ODD.values()} == dict.fromkeys(ODD.values(), 250)


def test_where_answers_go_and_who_sends_are_quoted_too(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    cast.acme.reply_to = "saiyo..acme@docomo.ne.jp"
    session.commit()
    queue("offer")
    deliver()
    head = server.raw[0].partition(b"\r\n\r\n")[0]
    assert b'Reply-To: "saiyo..acme"@docomo.ne.jp' in head
    assert b"<mailto:%22saiyo..acme%22@docomo.ne.jp>" in head


@pytest.mark.parametrize("answer", OF_SYNTAX)
def test_an_address_whose_form_was_refused_is_not_condemned(
    queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters, answer: str
) -> None:
    kept, sent = next(iter(ODD.items()))
    server.refuse[sent] = answer
    first = queue(to=kept)
    deliver()
    assert (first.state, first.failure) == (MessageState.FAILED, Refusal.MALFORMED)
    assert answer[:20] in first.last_error
    server.refuse.clear()
    again = queue(to=kept)
    deliver()
    assert again.state is MessageState.SENT
    assert written.on_final_state == [(first.id, MessageState.FAILED), (again.id, MessageState.SENT)]


@pytest.mark.parametrize("answer", OF_ADDRESS)
def test_an_odd_address_that_is_not_in_use_is_known_by_its_kept_form(
    queue: Queue, deliver: Deliver, server: SmtpServer, answer: str
) -> None:
    kept, sent = "kyohi..ten@mail.example", '"kyohi..ten"@mail.example'
    server.refuse[sent] = answer
    first = queue(to=kept)
    deliver()
    assert (first.state, first.failure) == (MessageState.BOUNCED, Refusal.NO_SUCH_ADDRESS)
    again = queue(to=kept.upper())
    deliver()
    assert again.state is MessageState.SUPPRESSED


@pytest.mark.parametrize("answer", ["550 5.7.1 relaying denied", "550 5.1.8 sender domain unknown"])
def test_what_is_said_of_us_is_neither(queue: Queue, deliver: Deliver, server: SmtpServer, answer: str) -> None:
    server.refuse["hanako@mail.example"] = answer
    message = queue()
    deliver()
    assert message.state is MessageState.SCHEDULED


def test_erasing_an_odd_address_finds_its_mails_in_the_mailbox(
    app: Flask, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    for kept in ODD:
        queue(to=kept)
    deliver()
    mailbox = Mailbox.of(app.config["RELAY"])
    for data in server.raw:
        mailbox.keep(data)
    assert [mailbox.forget(kept) for kept in ODD] == [1] * len(ODD)


def test_any_character_can_stand_in_quotes() -> None:
    assert addr_spec('a "b"\\c@mail.example') == '"a \\"b\\"\\\\c"@mail.example'
    assert addr_spec("a@b@mail.example") == '"a@b"@mail.example'
    assert addr_spec("") == ""
