"""What every page about one's own login carries: whose it is, the pages there are, the way back."""

from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import lazy_gettext as _l

from relay.access import signed_in
from relay.account import own
from relay.account.login import landing_page
from relay.identity.roles import WORDS, may

PAGES = (
    ("own.profile", _l("ログインとアカウント"), "account:use"),
    ("own.second_factor", _l("二段階認証"), "account:use"),
    ("own.partner", _l("自社の情報"), "house:write"),
    ("own.colleagues", _l("自社の担当者"), "house:write"),
    ("own.partner_security", _l("ログインの安全"), "house:write"),
)
"""The pages, in the order of their tabs, and who has them."""


@own.context_processor
def room() -> dict[str, Any]:
    """Return the values of account/room.html."""
    if "nav_person" not in g:
        return {}
    person, here = signed_in(), (request.endpoint or "").removesuffix("_post")
    return {
        "house": person.house,
        "home_url": landing_page(person, ""),
        "role_word": WORDS[person.role],
        "rooms": [
            {"url": url_for(endpoint), "label": word, "current": here == endpoint}
            for endpoint, word, permission in PAGES
            if may(person.role, permission) and endpoint in current_app.view_functions
        ],
    }
