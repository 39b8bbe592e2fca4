"""A real SMTP server for tests: keeps what it accepts, and can refuse, dawdle, cut the line or be away."""

import asyncio
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class SmtpServer:
    """What the server was handed, and how it is to behave; `refuse` maps a recipient to the answer it gets."""

    host: str
    port: int
    received: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
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
    controller = Controller(server, hostname=server.host, port=server.port, **_gentle())
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


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
