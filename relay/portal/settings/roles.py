"""Settings: who may see and do what, from the one table that the guards read (E-2)."""

from flask import Response
from flask_babel import lazy_gettext as _l

from relay.access.context import member
from relay.access.permissions import needs
from relay.identity.roles import DOES, PERMISSIONS, SHOWN, WORDS
from relay.network.profiles import ITEMS
from relay.portal import portal
from relay.portal.ui.navigation import tab
from relay.web import page


@portal.get("/settings/roles")
@needs("roles:read")
@tab(4, _l("誰が何を見られるか"))
def settings_roles() -> Response:
    """Show every permission with the roles that hold it, and what partners see."""
    return page(
        "portal/settings/roles.html",
        does=DOES,
        holders=PERMISSIONS,
        shown=SHOWN,
        role_words=WORDS,
        own_role=member().role,
        items=list(ITEMS.values()),
    )
