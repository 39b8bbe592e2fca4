"""Values that no column holds, typed into addresses and forms: refused as what they are, never an error of ours."""

import sys
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from relay.access import rate_limits
from relay.access.csrf import link_csrf
from tests.cast import browse
from tests.conftest import ON_ONE
from tests.web.test_guards import _build, opened_by, path_of, routes
from tests.web.world import World

HUGE, NUL, FAR = str(10**30), "a\x00b", "999999999999999999-ABCD-EFGH"
DIGITS = "9" * (sys.int_info.default_max_str_digits + 1)
NAMES = (
    "act after agree all at basis batch before body code confirmed decline draft drop elsewhere email end exit go "
    "host id name next of on page partner people phone port position q reason recipe remark sender show shown stage "
    "stopped subject tag template template_id tls username version"
).split()
"""What routes ask for by name, wherever a page may show it."""
TEXTS = {"batch", "code", "slug"}
"""Parts of paths that are no number."""


@pytest.mark.parametrize("value", [HUGE, NUL], ids=["huge", "nul"])
def test_nothing_typed_breaks_us(app: Flask, world: World, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    type_everywhere(app, world, value, monkeypatch)


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_number_too_large_for_its_column_breaks_nothing(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the number of a code; SQLite's columns hold every number that 64 bits hold."""
    type_everywhere(app, world, FAR, monkeypatch)


@ON_ONE
def test_more_digits_than_python_reads_break_nothing(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused where text becomes a number, before any database is asked: so one of them is enough."""
    type_everywhere(app, world, DIGITS, monkeypatch)


def type_everywhere(app: Flask, world: World, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send the value to every route, as everything its address and its form may hold."""
    app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(rate_limits, "POSTS_PER_TOKEN", 1000)
    typed: dict[str, Any] = dict.fromkeys(NAMES, value)
    for surface in ("agency", "landing", "portal", "account"):
        client = browse(app, world.cast.agnes if surface == "agency" else world.cast.adam)
        for rule, method in routes(app, surface):
            for path in _paths(app, rule, world, value):
                csrf = {"link_csrf": link_csrf(path.split("/")[2])} if "token" in rule.arguments else {}
                sent: dict[str, Any] = {"query_string": typed} if method == "GET" else {"data": typed | csrf}
                answer = client.open(path, method=method, **sent)
                assert answer.status_code < 500, f"{method} {rule.rule}"


def test_a_number_no_row_can_have_leads_nowhere(app: Flask, session: Session, world: World) -> None:
    client = browse(app, world.cast.adam)
    assert client.get(f"/pool/{HUGE}").status_code == 404
    assert client.get(f"/pool/{2**63 - 1}").status_code == 404


def test_parts_of_a_form_without_a_name_are_left_out(app: Flask, session: Session, world: World) -> None:
    parts = ("", '; filename="odd"', '; name="name"')
    sent = "".join(f"--x\r\nContent-Disposition: form-data{part}\r\n\r\n鈴木 一\r\n" for part in parts) + "--x--\r\n"
    form: dict[str, Any] = {"data": sent.encode(), "content_type": "multipart/form-data; boundary=x"}
    client = browse(app, world.cast.adam)
    assert client.post("/account/name", **form).status_code == 303
    assert "鈴木 一" in client.get("/account").text
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/account/name", **form).status_code == 400


def _paths(app: Flask, rule: Rule, world: World, value: str) -> set[str]:
    """The rule's path to something that is there, and to what can never be.

    A mailed page is opened with its own token: with any other there is no form to type into (tests/web/test_guards.py).
    Behind a number that no row has there is none either: what is typed there with HUGE is enough.
    """
    if rule.arguments == {"token"}:
        return {_build(app, rule, {"token": world.tokens.get(opened_by(rule), value)})}
    impossible = {name: value if name in TEXTS else "9" * 18 for name in rule.arguments}
    nowhere = {_build(app, rule, impossible)} if value == HUGE or TEXTS & rule.arguments else set()
    return {path_of(app, rule, world), *nowhere}
