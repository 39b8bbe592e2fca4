"""Columns and density of the pool's list, and whether single keys do anything (WCAG 2.1.4).

Remembered by the browser, in a cookie of closed words about nobody; it works without script.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import redirect, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import settings
from relay.portal import portal
from relay.portal.ui import conditions

COOKIE = "relay-pool-view"
COLUMNS = {
    "position": _l("応募した求人"),
    "end": _l("結果"),
    "applied": _l("応募日"),
    "score": _l("評価"),
    "tags": _l("タグ"),
    "follow_up": _l("今後の対応"),
    "channel": _l("応募経路"),
    "relay": _l("リレー"),
    "until": _l("保管期限"),
    "updated": _l("更新日"),
}
"""What a row can show beside the name, in its order."""


@cache  # tricks: pool, first page
def column_words(_locale: str) -> dict[str, str]:
    """Return the words of the columns in one language; a page names each three times."""
    return {name: str(word) for name, word in COLUMNS.items()}


_AT_FIRST = ("position", "end", "applied", "tags", "relay", "until")
_A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class View:
    """The look of the list."""

    columns: tuple[str, ...] = _AT_FIRST
    compact: bool = False
    keys: bool = True

    @classmethod
    def remembered(cls) -> "View":
        """Return what this browser remembers, else the defaults."""
        parts = request.cookies.get(COOKIE, "").split("|")
        if len(parts) != len(("columns", "density", "keys")):
            return cls()
        return cls(_known(parts[0].split(".")), parts[1] == "compact", parts[2] != "off")

    def written(self) -> str:
        """Return the view as the cookie holds it."""
        return f"{'.'.join(self.columns)}|{'compact' if self.compact else 'roomy'}|{'on' if self.keys else 'off'}"


@portal.post("/pool/view")
@needs("pool:read")
def view_save() -> AnyResponse:
    """Remember another look, and go back to the same list."""
    form = request.form
    view = View(_known(form.getlist("column")), form.get("density") == "compact", "keys" in form)
    response = redirect(conditions.address("portal.pool", conditions.read(request.args)), 303)
    response.set_cookie(COOKIE, view.written(), max_age=_A_YEAR, httponly=True, samesite="Lax", secure=settings().https)
    return response


@portal.context_processor
def keys_of_this_browser() -> dict[str, Any]:
    """Return whether single keys do something, for every page of the portal."""
    return {"keys_off": not View.remembered().keys}


def _known(names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in COLUMNS if name in names)
