"""Lines to mail servers; those to servers that a company names itself lead outside, never into Relay's own network.

Whoever runs the installation may send through a server beside it; to anybody else's mail its neighbours, which trust
this machine, are closed. The name is looked up once, and what was checked is what is called.
"""

import smtplib
import socket
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from threading import Timer
from typing import IO, Any

from relay.mail.deadline import Deadline


class NotOutside(OSError):
    """The server stands in the network of the installation, where only its operator may point."""


class WholeLines:
    """What a server says, line by line. One that breaks off is none.

    smtplib takes the first digits of a broken line for a code, and so for a yes: of "550", say, or where it was cut.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.close = file.close

    def readline(self, size: int) -> bytes:
        """The next whole line; nothing at the end, as any file gives then."""
        line = self._file.readline(size)
        return line if line.endswith(b"\n") or len(line) == size else b""


class Line(smtplib.SMTP):
    """An SMTP line that is cut when the time is over; it calls one address after the other, while there is time."""

    _host: str

    def __init__(self, host: str, port: int, *, deadline: Deadline, **options: Any) -> None:
        self._deadline = deadline
        super().__init__(host, port, **options)

    def getreply(self) -> tuple[int, bytes]:
        """An answer of whole lines, or the error that the line was closed."""
        if self.file is None and self.sock is not None:
            self.file = WholeLines(self.sock.makefile("rb"))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        line = self._call([str(each[4][0]) for each in found], port, timeout)
        try:
            self._deadline.watch(line)
        except TimeoutError:
            line.close()
            raise
        return line

    def _call(self, addresses: list[str], port: int, timeout: float) -> socket.socket:
        *others, last = addresses
        for address in others:
            try:
                return socket.create_connection((address, port), self._deadline.left(timeout))
            except OSError:
                continue
        return socket.create_connection((last, port), self._deadline.left(timeout))


class LineTls(smtplib.SMTP_SSL, Line):
    """The same, encrypted from the start: the line is ours, the encryption smtplib's."""

    def __init__(self, host: str, port: int, *, deadline: Deadline, **options: Any) -> None:
        self._deadline = deadline
        super().__init__(host, port, **options)  # which knows nothing of Line's


class Outward(Line):
    """A line that goes nowhere but outside, and waits for no answer that drips in byte by byte."""

    sock: socket.socket

    def _call(self, addresses: list[str], port: int, timeout: float) -> socket.socket:
        if not all(is_outside(address) for address in addresses):
            raise NotOutside(f"{self._host} is not on the public net")
        return super()._call(addresses, port, timeout)

    def getreply(self) -> tuple[int, bytes]:
        """A whole answer within the time its first byte may take; else the line is cut, as if the server had."""
        cut = Timer(self.sock.gettimeout() or 0, _cut, [self.sock])
        cut.daemon = True
        cut.start()
        try:
            return super().getreply()
        finally:
            cut.cancel()


class OutwardTls(LineTls, Outward):
    """The same, encrypted from the start."""


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def is_outside(address: str) -> bool:
    """Whether an address is on the public net."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast
