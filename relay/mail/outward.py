"""Lines to mail servers; those to servers that a company names itself lead outside, never into Relay's own network.

The operator of the installation may send through a server beside it; to anybody else's mail its neighbours, which trust
this machine, are closed. The name is looked up once, and what was checked is what is called.
"""

import smtplib
import socket
from contextlib import suppress
from threading import Timer
from typing import IO, Any

from relay.infra.outside import is_outside
from relay.mail.deadline import Deadline


class NotOutside(OSError):
    """The server is in the network of the installation, to which only its operator may point."""


class WholeLines:
    """The lines a server says. One that breaks off is none.

    smtplib takes the first digits of a broken line for a code, and so for a yes: of "550", say, or where it was cut.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.close = file.close

    def readline(self, size: int) -> bytes:
        """Return the next whole line; nothing at the end, as any file gives then."""
        line = self._file.readline(size)
        return line if line.endswith(b"\n") or len(line) == size else b""


class TimedSmtp(smtplib.SMTP):
    """An SMTP connection cut at its deadline; tries one address of the server after the other until then."""

    _host: str
    last_command = ""

    def __init__(self, host: str, port: int, *, deadline: Deadline, **options: Any) -> None:
        self._deadline = deadline
        super().__init__(host, port, **options)

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send a command, and remember which."""
        self.last_command = cmd
        super().putcmd(cmd, args)

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the mail itself. Every yes is the one that smtplib knows: a mail that was taken is not sent again."""
        code, reply = super().data(msg)
        return (250 if code < 400 else code), reply

    def getreply(self) -> tuple[int, bytes]:
        """Return an answer of whole lines, or the error that the line was closed."""
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


class LineTls(smtplib.SMTP_SSL, TimedSmtp):
    """The same, encrypted from the start: the line is ours, the encryption smtplib's."""

    def __init__(self, host: str, port: int, *, deadline: Deadline, **options: Any) -> None:
        self._deadline = deadline
        super().__init__(host, port, **options)  # which knows nothing of TimedSmtp's


class Outward(TimedSmtp):
    """A line that goes nowhere but outside, and waits for no answer that drips in byte by byte."""

    sock: socket.socket

    def _call(self, addresses: list[str], port: int, timeout: float) -> socket.socket:
        if not all(is_outside(address) for address in addresses):
            raise NotOutside(f"{self._host} is not on the public net")
        return super()._call(addresses, port, timeout)

    def getreply(self) -> tuple[int, bytes]:
        """Return a whole answer within the time its first byte may take; else the line is cut, as if the server had."""
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
