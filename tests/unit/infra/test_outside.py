"""What others name stands outside: no way of writing an address leads into the installation's network."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.infra.outside import is_outside

INSIDE = ["10.0.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "192.0.0.8", "192.0.0.9", "0.1.2.3"]
OUTSIDE = ["8.8.8.8", "203.104.128.1"]

WRITTEN = {
    "itself": str,
    "mapped": lambda inner: str(IPv6Address(0xFFFF << 32 | int(inner))),
    "compatible": lambda inner: str(IPv6Address(int(inner))),
    "translated": lambda inner: str(IPv6Address(0xFFFF << 48 | int(inner))),
    "NAT64": lambda inner: str(IPv6Address(int(IPv6Address("64:ff9b::")) | int(inner))),
    "6to4": lambda inner: str(IPv6Address(0x2002 << 112 | int(inner) << 80)),
    "6to4 with a host": lambda inner: str(IPv6Address(0x2002 << 112 | int(inner) << 80 | 7)),
}


@pytest.mark.parametrize("route", WRITTEN)
@pytest.mark.parametrize("inner", INSIDE)
def test_an_inner_address_is_inside_however_it_is_written(route: str, inner: str) -> None:
    assert not is_outside(WRITTEN[route](IPv4Address(inner)))


@pytest.mark.parametrize("route", WRITTEN)
@pytest.mark.parametrize("inner", OUTSIDE)
def test_a_public_address_stays_reachable_however_it_is_written(route: str, inner: str) -> None:
    assert is_outside(WRITTEN[route](IPv4Address(inner)))


@given(st.sampled_from(sorted(WRITTEN)), st.integers(0, 2**32 - 1).map(IPv4Address))
def test_no_way_of_writing_opens_what_the_address_itself_does_not(route: str, inner: IPv4Address) -> None:
    assert is_outside(WRITTEN[route](inner)) == is_outside(str(inner))


@pytest.mark.parametrize(
    "address",
    [
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "fec0::1",
        "3fff::1",
        "4000::1",
        "64:ff9b:1::808:808",
        "2001:0:808:808::",
    ],
)
def test_ipv6_that_leads_inside_or_nobody_knows_where_is_closed(address: str) -> None:
    assert not is_outside(address)


def test_a_public_ipv6_address_is_outside() -> None:
    assert is_outside("2606:4700:4700::1111")
