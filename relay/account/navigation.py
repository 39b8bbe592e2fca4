"""Values of every page about one's own login: whose it is, the pages there are, the way back."""

from typing import Any

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l

from relay.access.context import entered, signed_in
from relay.account import my_account
from relay.account.login import landing_page
from relay.identity.roles import WORDS, may

PAGES = (
    ("my_account.profile", _l("ログインとアカウント"), "account:use"),
    ("my_account.second_factor", _l("二段階認証"), "account:use"),
    ("my_account.partner", _l("自社の情報"), "organisation:write"),
    ("my_account.colleagues", _l("自社の担当者"), "organisation:write"),
    ("my_account.partner_security", _l("ログインのセキュリティ"), "organisation:write"),
    ("my_account.partner_keys", _l("API連携"), "organisation:write"),
    ("my_account.partner_incidents", _l("事故の報告"), "incidents:report"),
)
"""The pages, in the order of their tabs, and who has them."""


@my_account.context_processor
def account_page() -> dict[str, Any]:
    """Return the values of account/page.html."""
    if entered() is None:
        return {}
    person, here = signed_in(), (request.endpoint or "").removesuffix("_post")
    return {
        "organisation": person.organisation,
        "home_url": landing_page(person, ""),
        "role_word": WORDS[person.role],
        "pages": [
            {"url": url_for(endpoint), "label": word, "current": here == endpoint}
            for endpoint, word, permission in PAGES
            if may(person.role, permission) and endpoint in current_app.view_functions
        ],
    }
