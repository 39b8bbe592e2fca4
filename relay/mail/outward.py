"""Lines to mail servers that a company names itself: only to the outside, never into the network Relay stands in.

Whoever runs the installation may send through a server beside it; to anybody else's mail its neighbours, which trust
this machine, are closed. The name is looked up once, and what was checked is what is called.
"""

import smtplib
import socket
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from threading import Timer


class NotOutside(OSError):
    """The server stands in the network of the installation, where only its operator may point."""


class Outward(smtplib.SMTP):
    """An SMTP line that goes nowhere but outside, and waits for no answer that drips in byte by byte for hours."""

    sock: socket.socket

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return _call(host, port, timeout)

    def getreply(self) -> tuple[int, bytes]:
        """A whole answer within the time its first byte may take; else the line is cut, as if the server had."""
        cut = Timer(self.sock.gettimeout() or 0, _cut, [self.sock])
        cut.daemon = True
        cut.start()
        try:
            return super().getreply()
        finally:
            cut.cancel()


class OutwardTls(smtplib.SMTP_SSL, Outward):
    """The same, encrypted from the start: the line is ours, the encryption smtplib's."""


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _call(host: str, port: int, timeout: float) -> socket.socket:
    """The first address that answers. Raises NotOutside where one of them is not on the public net."""
    addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not all(is_outside(address) for address in addresses):
        raise NotOutside(f"{host} is not on the public net")
    *others, last = addresses
    for address in others:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError:
            continue
    return socket.create_connection((last, port), timeout)


def is_outside(address: str) -> bool:
    """Whether an address is on the public net."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast
