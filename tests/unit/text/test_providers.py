"""Slips of the pen in the domains that many people have; other domains are left alone."""

import pytest

from relay.text import meant_domain
from relay.text.providers import PROVIDERS

SLIPS = {
    "gmial.com": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "gmaill.com": "gmail.com",
    "yaho.co.jp": "yahoo.co.jp",
    "yahoo.co.jo": "yahoo.co.jp",
    "docomo.ne.jo": "docomo.ne.jp",
    "docmo.ne.jp": "docomo.ne.jp",
    "ezwab.ne.jp": "ezweb.ne.jp",
    "icloud.co": "icloud.com",
    "hotmial.com": "hotmail.com",
}


@pytest.mark.parametrize(("typed", "meant"), SLIPS.items())
def test_one_slip_is_seen(typed: str, meant: str) -> None:
    assert meant_domain(typed) == meant


@pytest.mark.parametrize("domain", [*PROVIDERS, "au.com", "me.com", "ocn.ne.jp", "mail.example", "example.co.jp", ""])
def test_a_known_or_another_domain_is_left_alone(domain: str) -> None:
    assert meant_domain(domain) == ""
