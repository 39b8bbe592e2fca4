"""The menu of the portal: seven sections in a fixed order, and the tabs that views declare themselves to be.

A package says which section its pages belong to (SECTION in its __init__); a view says with `tab` which tab of that
section it is. The menu leads to the first tab of each section; a section without one is not in the menu.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from relay.access.context import member
from relay.access.markers import View
from relay.identity.roles import may
from relay.models import Role
from relay.text import Sentence


class MenuSection(Enum):
    """A section of the menu; the order here is the order there."""

    HOME = "home"
    POOL = "pool"
    POSITIONS = "positions"
    RESULTS = "results"
    CREDITS = "credits"
    FIGURES = "figures"
    SETTINGS = "settings"

    @property
    def label(self) -> Sentence:
        """Return the name of the section in the menu."""
        return _SHOWN[self][0]

    @property
    def icon(self) -> str:
        """Return the name of the drawing beside it on narrow screens."""
        return _SHOWN[self][1]


_SHOWN: dict[MenuSection, tuple[Sentence, str]] = {
    MenuSection.HOME: (_l("ホーム"), "house"),
    MenuSection.POOL: (_l("人材プール"), "users"),
    MenuSection.POSITIONS: (_l("求人"), "briefcase"),
    MenuSection.RESULTS: (_l("結果連絡"), "mail"),
    MenuSection.CREDITS: (_l("紹介枠"), "ticket"),
    MenuSection.FIGURES: (_l("数字"), "chart-column"),
    MenuSection.SETTINGS: (_l("設定"), "settings"),
}


class MenuEntry(NamedTuple):
    """A section as the menu names it."""

    key: str
    url: str
    icon: str
    label: str


@dataclass(frozen=True)
class Tab:
    """A view that is a tab of its section, at this place in the row."""

    endpoint: str
    permission: str
    place: int
    label: Sentence


def tab(place: int, label: Sentence) -> Callable[[View], View]:
    """Mark a view as the tab at this place of its section; the menu leads to the lowest place."""

    def wrap(view: View) -> View:
        view.relay_tab = (place, label)  # type: ignore[attr-defined]
        return view

    return wrap


def section_of(app: Flask, endpoint: str) -> MenuSection:
    """Return the section of the package that a view lives in."""
    package = app.view_functions[endpoint].__module__.rpartition(".")[0]
    section: MenuSection = import_module(package).SECTION
    return section


def tabs_of(app: Flask, section: MenuSection) -> list[Tab]:
    """Return the tabs of a section, in their order."""
    views: dict[str, Any] = app.view_functions
    tabs = (
        Tab(endpoint, view.relay_permission, *view.relay_tab)
        for endpoint, view in views.items()
        if hasattr(view, "relay_tab") and section_of(app, endpoint) is section
    )
    return sorted(tabs, key=lambda each: each.place)


def navigation() -> dict[str, Any]:
    """Return what the frame draws: the menu, its current section, and the tabs of that section."""
    role, section = member().role, section_of(current_app, request.endpoint or "")
    address = request.script_root, str(get_locale())
    return {
        "nav": _menu(role, *address),
        "nav_active": section.value,
        "section_label": section.label,
        "section_tabs": _tabs(role, section, *address),
    }


@cache  # tricks: portal.settings_company
def _menu(role: Role, _script_root: str, _locale: str) -> tuple[MenuEntry, ...]:
    """Return the sections whose first tab a role may enter; the same on every page of an installation."""
    first = [(section, found[0]) for section in MenuSection if (found := tabs_of(current_app, section))]
    return tuple(
        MenuEntry(section.value, url_for(entry.endpoint), section.icon, str(section.label))
        for section, entry in first
        if may(role, entry.permission)
    )


@cache  # tricks: portal.settings_company
def _tabs(role: Role, section: MenuSection, _script_root: str, _locale: str) -> list[dict[str, str]]:
    """Return the tabs of a section that a role may enter; none where there is no choice."""
    tabs = [each for each in tabs_of(current_app, section) if may(role, each.permission)]
    entries = [{"endpoint": each.endpoint, "url": url_for(each.endpoint), "label": str(each.label)} for each in tabs]
    return entries if len(entries) > 1 else []
