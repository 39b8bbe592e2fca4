"""What the pages of the settings share: their tabs, and how a day is written."""

from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import format_date
from flask_babel import lazy_gettext as _l

from relay import clock

TABS = (
    ("company", "portal.settings_company", _l("会社の情報")),
    ("members", "portal.settings_members", _l("ユーザー")),
    ("security", "portal.settings_security", _l("ログインの安全")),
    ("roles", "portal.settings_roles", _l("誰が何を見られるか")),
    ("partners", "portal.settings_partners", _l("提携先")),
    ("mail", "portal.settings_mail", _l("メールの送信")),
    ("privacy", "portal.settings_privacy", _l("個人情報の取扱い")),
    ("operator", "portal.settings_operator", _l("運営者")),
)


def tabs(current: str) -> list[dict[str, Any]]:
    """The tabs above each page of the settings, as the list macro draws them."""
    return [{"url": url_for(endpoint), "label": word, "current": name == current} for name, endpoint, word in TABS]


def long_date(day: date | datetime | None) -> str:
    """2026年11月21日, in Japan; nothing for no day."""
    if isinstance(day, datetime):
        return format_date(day.astimezone(clock.JAPAN).date(), "long")
    return format_date(day, "long") if day else ""
