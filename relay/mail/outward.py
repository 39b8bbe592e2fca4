"""Lines to mail servers that a company names itself: only to the outside, never into the network Relay stands in.

Whoever runs the installation may send through a server beside it; to anybody else's mail its neighbours, which trust
this machine, are closed. The name is looked up once, and what was checked is what is called.
"""

import smtplib
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Timer

TRANSLATED = {
    IPv6Network("::ffff:0:0/96"): 0,  # IPv4-mapped, RFC 4291 section 2.5.5.2
    IPv6Network("::/96"): 0,  # IPv4-compatible, RFC 4291 section 2.5.5.1
    IPv6Network("::ffff:0:0:0/96"): 0,  # IPv4-translated, RFC 7915
    IPv6Network("64:ff9b::/96"): 0,  # NAT64, RFC 6052
    IPv6Network("2002::/16"): 80,  # 6to4, RFC 3056
}
"""IPv6 networks whose addresses stand for an IPv4 address: how many bits follow it."""

CLOSED: tuple[IPv4Network | IPv6Network, ...] = (
    IPv6Network("64:ff9b:1::/48"),  # NAT64 for local use, RFC 8215: a gateway decides where it leads
    IPv6Network("2001::/32"),  # Teredo, RFC 4380: the address of another machine's tunnel
    IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890: some Pythons call parts of it global
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
)
"""Networks that lead inside, or nobody knows where, whatever `ipaddress` calls them."""


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
    """Return whether an address is on the public net, and so is every IPv4 address that it stands for."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and (inner := _stands_for(found)) is not None:
        return is_outside(str(inner))
    return found.is_global and not found.is_multicast and not any(found in closed for closed in CLOSED)


def _stands_for(address: IPv6Address) -> IPv4Address | None:
    for network, bits_after in TRANSLATED.items():
        if address in network:
            return IPv4Address(int(address) >> bits_after & 0xFFFF_FFFF)
    return None
