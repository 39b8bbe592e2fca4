"""Values of every portal page: navigation, the ten steps, the alarm when a lane does not move, who is signed in.

A package that has something on every page declares it with `on_every_page`. Everything is asked for only when a page
shows it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from flask import g
from sqlalchemy import Select, select
from werkzeug.local import LocalProxy

from relay.access.context import entered, member, signed_in
from relay.candidates.age import MINIMUM_AGE
from relay.extensions import db
from relay.identity.roles import WORDS, may
from relay.infra import lanes
from relay.mail import outbox, servers
from relay.models.prepared import read
from relay.network import credits
from relay.network.credits import Meter
from relay.portal import portal
from relay.portal.ui.navigation import navigation

Value = TypeVar("Value", bound=Callable[[], Any])
_declared: dict[str, Callable[[], Any]] = {}


def on_every_page(name: str) -> Callable[[Value], Value]:
    """Give every page, by this name, what the function returns; it is called where a page reads it, at most once."""

    def declare(value: Value) -> Value:
        _declared[name] = value
        return value

    return declare


@portal.context_processor
def shell() -> dict[str, Any]:
    """Return the values of portal/shell.html; the figures are asked for when the page reads them."""
    if entered() is None:
        return {}
    return {
        **navigation(),
        "meter": _once("meter", meter),
        "practising": signed_in().practising,
        "setting_up": signed_in().practising and may(member().role, "setup:run"),
        "may_practise": may(member().role, "practice:use"),
        "may_go_live": may(member().role, "live:switch"),
        **{name: _once(name, value) for name, value in _declared.items()},
        "may_stop_all": may(member().role, "sending:stop"),
        "stopped_lanes": _once("stopped_lanes", lambda: lanes.found(_figures())),
        "no_way": _once("no_way", lambda: servers.is_stuck(db.session(), member().company_id)),
        "may_set": may(member().role, "settings:read"),
        "role_word": WORDS[member().role],
        "can_write": may(member().role, "pool:write"),
        "can_export": may(member().role, "pool:export"),
        "minimum_age": MINIMUM_AGE,
    }


def meter() -> Meter:
    """Return how far the company is on the way to its next credit; known with the other figures of the page."""
    return credits.meter_of(*_figures()[:3])


def _figures() -> Any:
    """Return the ten steps and how sending goes, of the company in scope: one statement for every page."""
    if "shell_figures" not in g:
        parameters = lanes.asked(member().company_id)
        [g.shell_figures] = read(db.session(), _asked_on_every_page(), **parameters)
    return g.shell_figures


@cache  # tricks: pool, first page
def _asked_on_every_page() -> Select[Any]:
    return select(*credits.standing_columns(), *lanes.columns(), outbox.anything_waiting().label("waiting"))


def anything_waiting() -> bool:
    """Return whether mails of the company's own acts wait to leave; known with the other figures of the page."""
    return bool(_figures().waiting)


def _once(name: str, ask: Callable[[], Any]) -> Any:
    """Return a value that is asked for at its first use and kept for the rest of the request."""

    def value() -> Any:
        kept = g.setdefault("shell_values", {})
        if name not in kept:
            kept[name] = ask()
        return kept[name]

    return LocalProxy(value)
