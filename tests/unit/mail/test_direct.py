"""Sending while somebody waits: each way a server can refuse is told apart, so that a person knows what to do."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask

from relay.mail import direct, outward
from relay.mail.direct import SendFailure, SendResult
from relay.mail.server_route import ServerRoute
from relay.mail.transport import Envelope
from relay.models import MailTls
from tests.smtp import free_port, smtp_server

GREETING = "220 ready"
POLITE = {
    "EHLO": "250-here\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 in",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "QUIT": "221 bye",
}
CONTENT = {"DATA": "354 go on", ".": "250 2.0.0 taken"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait a second at most, in an application, to which Flask-Mail tells what it sent."""
    monkeypatch.setattr(direct, "PATIENCE", 1.0)
    with Flask(__name__).app_context():
        yield


def try_to(port: int, *, tls: MailTls = MailTls.NONE, host: str = "127.0.0.1", username: str = "") -> SendResult:
    route = ServerRoute(None, host, port, tls, username, "himitsu" if username else "", "saiyo@acme.example")
    return direct.send_now(Envelope(route.sender, "adam@acme.example", b"Subject: x\r\n\r\nx\r\n", route))


@contextmanager
def answering(replies: dict[str, str], *, greeting: str = GREETING) -> Iterator[int]:
    """A server that says to each command what it is told to; '' hangs up, nothing at all keeps silent."""
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_answer, args=(listening, replies, greeting), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)  # wakes whoever still waits to accept
        listening.close()
        thread.join(5)


def _answer(listening: socket.socket, replies: dict[str, str], greeting: str) -> None:
    try:
        line, _address = listening.accept()
    except OSError:
        return
    with line, line.makefile("rwb") as talk:
        line.settimeout(5)
        try:
            _converse(talk, replies, greeting)
        except OSError:
            return


def _converse(talk: socket.SocketIO, replies: dict[str, str], greeting: str) -> None:
    if not greeting:
        return
    talk.write(f"{greeting}\r\n".encode())
    talk.flush()
    for heard in talk:
        word = heard.decode("latin-1").split(maxsplit=1)[0].strip().upper() if heard.strip() else ""
        reply = replies.get(word)
        if reply == "":
            return
        if reply is not None:
            talk.write(f"{reply}\r\n".encode())
            talk.flush()


def test_a_server_that_takes_the_mail(tmp_path: Path) -> None:
    with smtp_server() as server:
        assert try_to(server.port) == SendResult()
        assert len(server.received) == 1


def test_a_name_nobody_knows() -> None:
    assert try_to(587, host="smtp.acme.invalid").trouble is SendFailure.UNKNOWN_HOST
    assert try_to(587, host="a..example").trouble is SendFailure.UNKNOWN_HOST


def test_a_port_where_nobody_listens() -> None:
    assert try_to(free_port()).trouble is SendFailure.UNREACHABLE


def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert try_to(deaf.getsockname()[1]).trouble is SendFailure.SILENT


def test_a_server_that_hangs_up_or_does_not_want_us() -> None:
    with answering({}, greeting="") as port:
        assert try_to(port).trouble is SendFailure.HUNG_UP
    with answering({}, greeting="554 5.7.1 go away") as port:
        trial = try_to(port)
    assert (trial.trouble, "go away" in trial.detail) == (SendFailure.HUNG_UP, True)


@pytest.mark.parametrize("tls", [MailTls.STARTTLS, MailTls.TLS])
def test_a_server_that_knows_no_encryption(tls: MailTls) -> None:
    with smtp_server() as server:
        assert try_to(server.port, tls=tls, username="saiyo").trouble is SendFailure.NO_TLS
        assert server.received == []


def test_a_certificate_nobody_vouches_for(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_shake_hands, args=(listening, context), daemon=True).start()
        trial = try_to(listening.getsockname()[1], tls=MailTls.TLS, username="saiyo")
    assert trial.trouble is SendFailure.CERTIFICATE


@pytest.mark.parametrize(
    ("replies", "username", "trouble"),
    [
        ({"AUTH": "535 5.7.8 wrong password"}, "saiyo", SendFailure.LOGIN),
        ({"EHLO": "250 here"}, "saiyo", SendFailure.NO_LOGIN),
        ({"MAIL": "530 5.7.0 log in first"}, "", SendFailure.LOGIN_NEEDED),
        ({"MAIL": "553 5.1.8 not your address"}, "", SendFailure.SENDER),
        ({"RCPT": "554 5.7.1 relaying denied"}, "", SendFailure.SENDER),
        ({"RCPT": "550 5.1.1 no such user"}, "", SendFailure.RECIPIENT),
        ({".": "554 5.6.0 looks like spam"}, "", SendFailure.CONTENT),
        ({".": "554 5.7.60 may not send as this address"}, "", SendFailure.SENDER),
        ({"DATA": "451 4.3.0 no"}, "", SendFailure.CONTENT),
        ({".": ""}, "", SendFailure.UNSURE),
        ({"RCPT": ""}, "", SendFailure.HUNG_UP),
    ],
)
def test_each_refusal_is_told_apart_with_the_servers_words(
    replies: dict[str, str], username: str, trouble: SendFailure
) -> None:
    with answering(POLITE | CONTENT | replies) as port:
        trial = try_to(port, username=username)
    assert trial.trouble is trouble
    said = next(iter(replies.values()))
    assert trouble is SendFailure.NO_LOGIN or said[4:] in trial.detail
    assert "himitsu" not in trial.detail


def test_a_password_no_server_could_be_told_is_a_wrong_login() -> None:
    route = ServerRoute(None, "127.0.0.1", 0, MailTls.NONE, "saiyo", "ひみつ", "saiyo@acme.example")
    with answering(POLITE) as port:
        given = ServerRoute(None, route.host, port, route.tls, route.username, route.password, route.sender)
        trial = direct.send_now(Envelope(route.sender, "adam@acme.example", b"x", given))
    assert trial.trouble is SendFailure.LOGIN


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .sign(key, SHA256())
    )
    path = folder / "both.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    line, _address = listening.accept()
    try:
        context.wrap_socket(line, server_side=True).close()
    except OSError:
        line.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "10.0.0.1", "192.168.1.1", "2130706433"])  # noqa: S104
@pytest.mark.parametrize("tls", [MailTls.NONE, MailTls.TLS])
def test_a_company_that_is_not_the_operator_calls_nobody_inside(host: str, tls: MailTls) -> None:
    with answering(POLITE | CONTENT) as port:
        route = ServerRoute(7, host, port, tls, "", "", "saiyo@acme.example", outward=True)
        trial = direct.send_now(Envelope(route.sender, "adam@acme.example", b"Subject: x\r\n\r\nx\r\n", route))
    assert trial.trouble is SendFailure.INSIDE
    assert "ready" not in trial.detail, "nothing of what stands there is told"


DRIPS, PAUSE = 100, 0.2


def test_an_answer_that_drips_in_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a company's server could hold up the one worker, and with it the mails of all others."""
    monkeypatch.setattr(outward, "is_outside", lambda _address: True)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_drip, args=(listening,), daemon=True)
    thread.start()
    started = time.monotonic()
    route = ServerRoute(7, *listening.getsockname()[:2], MailTls.NONE, "", "", "saiyo@acme.example", outward=True)
    trial = direct.send_now(Envelope(route.sender, "adam@acme.example", b"Subject: x\r\n\r\nx\r\n", route))
    assert (trial.trouble, time.monotonic() - started < DRIPS * PAUSE / 2) == (SendFailure.HUNG_UP, True)
    listening.close()
    thread.join(5)


def _drip(listening: socket.socket) -> None:
    line, _address = listening.accept()
    with line, suppress(OSError):
        for _byte in range(DRIPS):
            line.sendall(b"2")
            time.sleep(PAUSE)


@pytest.mark.parametrize(
    "address", ["::1", "::ffff:127.0.0.1", "fe80::1%eth0", "fd00::1", "169.254.169.254", "100.64.0.1", "224.0.0.1"]
)
def test_what_is_not_on_the_public_net(address: str) -> None:
    assert not outward.is_outside(address)


@pytest.mark.parametrize("address", ["203.0.114.1", "8.8.8.8", "2001:4860:4860::8888"])
def test_what_is(address: str) -> None:
    assert outward.is_outside(address)
