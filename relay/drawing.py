"""Parts of pages that are drawn once, and the addresses of what they show.

To draw a part takes ten times as long as to look it up. What differs from person to person is never in what is kept:
it is put, escaped, into the places that were marked for it.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from flask import Flask, current_app, url_for
from htmx_flask import request
from markupsafe import Markup, escape

_MARK = re.compile("\ue000([a-z_]+)\ue001")


def install(app: Flask) -> None:
    """Give the templates what draws a part, an icon and a static file's address."""
    app.jinja_env.globals |= {
        "sprite_url": _sprite_url,
        "static_url": _static_url,
        "drawn_once": drawn_once,
        "filled": filled,
        "drawn_icon": _icon,
    }
    if app.config["TEMPLATES_AUTO_RELOAD"]:
        app.before_request(_forget)


def drawn_once(template: str, **values: Any) -> Markup:
    """Return a part of pages that says the same whenever these values are the same.

    It is drawn without anything of a request, in the language of the sources (relay/folding.py), so it must name
    nobody: neither a person nor what only some may read goes in (tests/conventions/test_templates.py).
    """
    return _drawn(request.script_root, template, tuple(values.items()))


def filled(template: str, own: Mapping[str, object], **values: Any) -> Markup:
    """Return a part that is drawn once, with texts of one's own in it: each where the template names it.

    A text goes in as it would stand alone in that place, escaped; nothing is decided by it.
    """
    texts = {name: escape(text) for name, text in own.items()}
    pattern = _pattern(request.script_root, template, tuple(own), tuple(values.items()))
    return Markup(pattern % texts)  # noqa: S704  (the pattern is the template's, what is put into it escaped)


def mark(name: str) -> str:
    """Return the mark of the place of a text, which a template writes as it would the text."""
    return f"\ue000{name}\ue001"


@lru_cache(maxsize=1024)  # tricks: pool, first page
def format_of(drawn: Markup) -> str:
    """Return a drawing with marks as a format of texts by name."""
    return _MARK.sub(r"%(\1)s", str(drawn).replace("%", "%%"))


def _forget() -> None:
    """Let go of what was kept: in development templates change."""
    _drawn.cache_clear()
    _pattern.cache_clear()


@lru_cache(maxsize=1024)  # tricks: portal.templates
def _drawn(_script_root: str, template: str, values: tuple[tuple[str, Any], ...]) -> Markup:
    return Markup(current_app.jinja_env.get_template(template).render(dict(values)))  # noqa: S704  (drawn escaped)


@lru_cache(maxsize=256)  # tricks: portal.templates
def _pattern(script_root: str, template: str, own: tuple[str, ...], values: tuple[tuple[str, Any], ...]) -> str:
    marks = tuple((name, mark(name)) for name in own)
    return format_of(_drawn(script_root, template, marks + values))


def _icon(name: str, label: str = "") -> Markup:
    """Return one drawing of the sprite; a page shows dozens."""
    return drawn_once("components/_icon.html", name=name, label=label)


def _sprite_url() -> str:
    """Return the icons' address: a list page draws hundreds of icons."""
    return _static_url("icons/sprite.svg")


def _static_url(filename: str) -> str:
    """Return a static file's address: each page names a dozen, and they change with a new start only."""
    return _static_url_under(request.script_root, filename)


@cache  # tricks: portal.settings_roles
def _static_url_under(_script_root: str, filename: str) -> str:
    return url_for("static", filename=filename)
