"""What every portal page carries: navigation, the ten legs, the alarm when a lane stands still, who is signed in.

The queue bar brings its own data (relay.portal.results.index). Everything here is asked for only when a page shows it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import g, request, url_for
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from werkzeug.local import LocalProxy

from relay.access import signed_in
from relay.extensions import db
from relay.identity.roles import may
from relay.mail import lanes, outbox, servers
from relay.mail.lanes import Lane
from relay.models import Role
from relay.network import credits, ledger
from relay.pool.age import MINIMUM_AGE
from relay.portal import portal
from relay.portal.results import sending

ROLE_WORDS = {
    Role.ADMIN: _l("管理者"),
    Role.RECRUITER: _l("採用担当"),
    Role.INTERVIEWER: _l("面接担当"),
    Role.VIEWER: _l("閲覧のみ"),
}

_NAV = (
    ("home", "portal.home", "house", _l("ホーム"), "home:read"),
    ("pool", "portal.pool", "users", _l("人材プール"), "pool:read"),
    ("applications", "portal.applications", "clipboard-check", _l("選考"), "pool:read"),
    ("results", "portal.results", "mail", _l("結果連絡"), "results:read"),
    ("credits", "portal.credits", "ticket", _l("紹介枠"), "credits:read"),
    ("positions", "portal.positions", "briefcase", _l("求人"), "positions:read"),
    ("templates", "portal.templates", "file-text", _l("テンプレート"), "templates:read"),
    ("imports", "portal.import_new", "file-up", _l("ファイルの取り込み"), "import:run"),
    ("settings", "portal.settings_company", "settings", _l("設定"), "settings:read"),
)
_SECTIONS = {
    "record": "pool",
    "duplicate": "pool",
    "gaps": "pool",
    "person": "pool",
    "act": "pool",
    "tag": "pool",
    "rule": "pool",
    "export": "pool",
    "view": "pool",
    "leaving": "home",
    "message": "results",
    "result": "results",
    "template": "templates",
    "import": "imports",
    "setting": "settings",
    "member": "settings",
}


@portal.context_processor
def shell() -> dict[str, Any]:
    """The values of portal/shell.html; the figures are asked for when the page reads them."""
    if "nav_person" not in g:
        return {}
    return {
        "nav": _navigation(signed_in().role, request.script_root, str(get_locale())),
        "nav_active": _active(),
        "meter": _once("meter", lambda: credits.meter_of(*_figures()[:3])),
        "practising": signed_in().practising,
        "setting_up": signed_in().practising and may(signed_in().role, "setup:run"),
        "may_practise": may(signed_in().role, "practice:use"),
        "may_go_live": may(signed_in().role, "live:switch"),
        "standstill": _once("standstill", sending.state),
        "may_stop_all": may(signed_in().role, "sending:stop"),
        "sending_stopped": _once("sending_stopped", lambda: Lane.MAIL in lanes.found(_figures())),
        "jobs_stopped": _once("jobs_stopped", lambda: Lane.JOBS in lanes.found(_figures())),
        "events_stopped": _once("events_stopped", lambda: Lane.EVENTS in lanes.found(_figures())),
        "no_way": _once("no_way", lambda: servers.is_stuck(db.session(), signed_in().company_id or 0)),
        "may_set": may(signed_in().role, "settings:read"),
        "role_word": ROLE_WORDS.get(signed_in().role, ""),
        "can_write": may(signed_in().role, "pool:write"),
        "can_export": may(signed_in().role, "pool:export"),
        "minimum_age": MINIMUM_AGE,
    }


def _figures() -> Any:
    """The ten legs and how sending goes, of the company in scope: one statement for every page."""
    if "shell_figures" not in g:
        asked = lanes.asked(signed_in().company_id or 0)
        g.shell_figures = db.session.execute(_asked_on_every_page(), asked).one()
    return g.shell_figures


@cache
def _asked_on_every_page() -> Select[Any]:
    return select(*ledger.standing_columns(), *lanes.columns(), outbox.anything_waiting().label("waiting"))


def anything_waiting() -> bool:
    """Whether mails of the company's own acts wait to leave; known with the other figures of the page."""
    return bool(_figures().waiting)


@cache
def _navigation(role: Role, _script_root: str, _locale: str) -> list[dict[str, str]]:
    """The sections a role may enter; the same on every page of an installation."""
    return [
        {"key": key, "url": url_for(endpoint), "icon": icon, "label": str(label)}
        for key, endpoint, icon, label, permission in _NAV
        if may(role, permission)
    ]


def _active() -> str:
    name = (request.endpoint or "").partition(".")[2]
    for key, *_rest in _NAV:
        if name == key or name.startswith(f"{key}_"):
            return key
    return next((section for start, section in _SECTIONS.items() if name.startswith(start)), "")


def _once(name: str, ask: Callable[[], Any]) -> Any:
    """A value that is asked for at its first use and kept for the rest of the request."""

    def value() -> Any:
        kept = g.setdefault("shell_values", {})
        if name not in kept:
            kept[name] = ask()
        return kept[name]

    return LocalProxy(value)
