"""Settings: who may see and do what, from the one table that the guards read (E-2)."""

from flask import Response

from relay.access import needs, signed_in
from relay.identity.roles import DOES, PERMISSIONS, SHOWN, WORDS, may
from relay.network.wording import ITEMS
from relay.portal import portal
from relay.portal.settings.tabs import tabs
from relay.web import page


@portal.get("/settings/roles")
@needs("roles:read")
def settings_roles() -> Response:
    """Every permission with the roles that hold it, and what partners see."""
    role = signed_in().role
    return page(
        "portal/settings/roles.html",
        does=DOES,
        holders=PERMISSIONS,
        shown=SHOWN,
        role_words=WORDS,
        own_role=role,
        items=list(ITEMS.values()),
        nav_active="settings",
        views=tabs("roles") if may(role, "settings:read") else [],
    )
