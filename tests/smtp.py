"""A real SMTP server for tests: strict about addresses, keeps what it accepts, can refuse, dawdle, cut or be away.

And one that drips: its answers never end.
"""

import asyncio
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])*")'
_PATH = re.compile(rf"<({_LOCAL}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)>(.*)")


class Strict(SMTP):
    """Takes a mailbox in the form of RFC 5321 4.1.2 alone, letter by letter: dots between atoms, or a quoted string."""

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        found = _PATH.fullmatch(arg.strip())
        return (found[1], found[2]) if found else (None, None)


class StrictController(Controller):
    """Serves strictly."""

    def factory(self) -> SMTP:
        return Strict(self.handler, **self.SMTP_kwargs)


@dataclass
class SmtpServer:
    """What the server was handed, and how it is to behave; `refuse` maps a recipient as sent to an answer."""

    host: str
    port: int
    received: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_content: str = ""
    delay: float = 0.0
    cut_before_answer: int = 0
    in_hand: int = 0

    @property
    def message_ids(self) -> list[str]:
        """The Message-ID of every mail accepted, in order."""
        return [str(mail["Message-ID"]).strip() for mail in self.received]

    def to(self, address: str) -> list[EmailMessage]:
        """The mails accepted for one address."""
        return [mail for mail in self.received if str(mail["To"]) == address]

    # what aiosmtpd calls

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.recipients.append(address)
        if (refusal := self.refuse.get(address)) is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.in_hand += 1
        await asyncio.sleep(self.delay)
        self.in_hand -= 1
        if self.refuse_content:
            return self.refuse_content
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.raw.append(envelope.content)
        self.received.append(mail)
        if self.cut_before_answer:
            self.cut_before_answer -= 1
            assert server.transport is not None
            server.transport.close()
        return "250 taken"


@contextmanager
def smtp_server(port: int = 0) -> Iterator[SmtpServer]:
    """A server on 127.0.0.1, up inside the block. A port of its own unless told."""
    server = SmtpServer("127.0.0.1", port or free_port())
    controller = StrictController(server, hostname=server.host, port=server.port, **_gentle())
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


POLITE = {
    "": "220 ready",
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 taken",
}


@dataclass
class Dripping:
    """A server that is polite until it hears one word, and answers that byte by byte, a byte every `pause` seconds.

    The word is a command, "." for the end of the mail, or "" for the call itself.
    """

    word: str
    pause: float
    host: str = "127.0.0.1"
    port: int = 0
    calls: int = 0
    at_once: int = 0
    most_at_once: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, listening: socket.socket) -> None:
        """Answer every call in a thread of its own, until told to end."""
        while not self._ended.is_set():
            try:
                line, _address = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def end(self) -> None:
        """Hang up on everybody."""
        self._ended.set()

    def _answer(self, line: socket.socket) -> None:
        self._count(1)
        with suppress(OSError), line, line.makefile("rb") as heard:
            if not self._say(line, ""):
                return
            in_mail = False
            for words in heard:
                word = "." if words.strip() == b"." else words[:4].decode("latin-1").strip().upper()
                if in_mail and word != ".":
                    continue
                in_mail = word == "DATA"
                if not self._say(line, word):
                    break
        self._count(-1)

    def _say(self, line: socket.socket, word: str) -> bool:
        """Whether the dialogue goes on."""
        if word != self.word:
            line.sendall(f"{POLITE.get(word, '221 bye')}\r\n".encode())
            return True
        while not self._ended.wait(self.pause):
            line.sendall(b"2")
        return False

    def _count(self, change: int) -> None:
        with self._lock:
            self.calls += max(change, 0)
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)


@contextmanager
def dripping_server(word: str = ".", *, pause: float = 1.0) -> Iterator[Dripping]:
    """A dripping server on 127.0.0.1, up inside the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Dripping(word, pause, port=listening.getsockname()[1])
        threading.Thread(target=server.serve, args=(listening,), daemon=True).start()
        try:
            yield server
        finally:
            server.end()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)  # wakes whoever still waits to accept


def free_port() -> int:
    """A port nobody listens on now, below those the system gives to outgoing connections, so that none takes it."""
    for _try in range(100):
        port = 15_000 + secrets.randbelow(15_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port was found")


def _gentle() -> dict[str, Any]:
    return {"ready_timeout": 20.0, "enable_SMTPUTF8": False}
