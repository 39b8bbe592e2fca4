"""Which addresses are on the public net: what others name is called there alone, never in the installation's network.

A server beside this machine trusts it; so no way of writing an address, and no network that translates one, may lead
there (ASVS 1.3.6).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

TRANSLATED = {
    IPv6Network("::ffff:0:0/96"): 0,  # IPv4-mapped, RFC 4291 section 2.5.5.2
    IPv6Network("::/96"): 0,  # IPv4-compatible, RFC 4291 section 2.5.5.1
    IPv6Network("::ffff:0:0:0/96"): 0,  # IPv4-translated, RFC 7915
    IPv6Network("64:ff9b::/96"): 0,  # NAT64, RFC 6052
    IPv6Network("2002::/16"): 80,  # 6to4, RFC 3056
}
"""IPv6 networks whose addresses stand for an IPv4 address: how many bits follow it."""

CLOSED: tuple[IPv4Network | IPv6Network, ...] = (
    IPv6Network("2001::/32"),  # Teredo, RFC 4380: the address of another machine's tunnel
    IPv6Network("3fff::/20"),  # documentation, RFC 9637: newer than some Pythons
    IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890: some Pythons call parts of it global
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
)
"""Networks that lead inside, or nobody knows where, whatever `ipaddress` calls them."""

UNICAST = IPv6Network("2000::/3")
"""All that was ever given out of IPv6 (RFC 4291): the rest leads inside, or nobody knows where."""


def is_outside(address: str) -> bool:
    """Return whether an address is on the public net, and so is every IPv4 address that it represents."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if (inner := _stands_for(found)) is not None:
            return is_outside(str(inner))
        if found not in UNICAST:
            return False
    return found.is_global and not found.is_multicast and not any(found in closed for closed in CLOSED)


def _stands_for(address: IPv6Address) -> IPv4Address | None:
    for network, bits_after in TRANSLATED.items():
        if address in network:
            return IPv4Address(int(address) >> bits_after & 0xFFFF_FFFF)
    return None
