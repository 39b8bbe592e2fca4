"""Under which circumstances a person said yes: kept beside each consent, no finer than needed (A-11)."""

import ipaddress
from dataclasses import dataclass

AGENT_LENGTH = 200


@dataclass(frozen=True)
class Evidence:
    """The request behind an act: address, browser and language, as the surface saw them."""

    ip: str
    agent: str
    locale: str = "ja"

    @property
    def network(self) -> str:
        """Return what is kept of the address."""
        return network_of(self.ip)

    @property
    def browser(self) -> str:
        """Return what the browser called itself, cut to what the column holds."""
        return self.agent[:AGENT_LENGTH]


def network_of(ip: str) -> str:
    """Return the address without its last octet (IPv4) or last 80 bits (IPv6); empty when it is none."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    kept = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address.packed, kept), strict=False).network_address)
