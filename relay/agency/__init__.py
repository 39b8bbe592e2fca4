"""The partners' read-only portal: exactly the people who consented to this partner.

It answers GET and HEAD alone, reads shares and their snapshots through the network, and notes who was viewed.
"""

from functools import cache
from typing import Any

from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from relay.access.guards import agencies_only, load_views, surface
from relay.network import partnerships

_ENTRY_OF = {
    "agency.about": "about",
    "agency.companies": "companies",
    "agency.ended": "ended",
    "agency.records": "records",
    "agency.requests": "requests",
    "agency.request_show": "requests",
}
"""The entry of the menu that a page belongs to, where that is not the people."""

agency = surface("agency", __name__, guard=agencies_only, url_prefix="/agency")


@agency.context_processor
def frame() -> dict[str, Any]:
    """Return what every page of the portal carries: whose it is, and the way around."""
    endpoint = request.endpoint or ""
    return {
        "partner_name": getattr(current_user, "organisation", ""),
        "role_word": _("紹介会社・学校のご担当"),
        "nav": _entries(request.script_root, str(get_locale())),
        "not_hired": partnerships.NOT_HIRED,
        "nav_active": _ENTRY_OF.get(endpoint, "people"),
    }


@cache  # tricks: agency's list
def _entries(_script_root: str, _locale: str) -> list[dict[str, str]]:
    return [
        {"url": url_for("agency.people_index"), "label": _("同意された方"), "icon": "users", "key": "people"},
        {"url": url_for("agency.ended"), "label": _("終わった同意"), "icon": "shield-off", "key": "ended"},
        {"url": url_for("agency.records"), "label": _("提供を受けた記録"), "icon": "file-text", "key": "records"},
        {"url": url_for("agency.requests"), "label": _("紹介の依頼"), "icon": "send", "key": "requests"},
        {"url": url_for("agency.companies"), "label": _("企業"), "icon": "building-2", "key": "companies"},
        {"url": url_for("agency.about"), "label": _("この画面について"), "icon": "info", "key": "about"},
    ]


load_views(__name__)
