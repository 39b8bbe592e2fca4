"""Permissions of views, and the note of a request that lacked one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, g
from htmx_flask import request

from relay.access.context import signed_in
from relay.access.markers import View
from relay.extensions import settings, short_write
from relay.identity import refused_acts
from relay.identity.roles import PERMISSIONS, may
from relay.identity.sessions import SignedIn
from relay.tokens import keyed_hash


def needs(permission: str) -> Callable[[View], View]:
    """Say which permission a view needs; roles without it get 403."""
    assert permission in PERMISSIONS, permission

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if not may(signed_in().role, permission):
                abort(403)
            return view(*args, **kwargs)

        checked.relay_permission = permission  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap


def note_refused_act() -> None:
    """Record that the signed-in person had no permission for this, in a transaction of its own."""
    person = g.get("_login_user")
    if not isinstance(person, SignedIn):
        return
    endpoint = request.endpoint or ""
    permission = getattr(current_app.view_functions.get(endpoint), "relay_permission", "")
    key = keyed_hash(settings().hash_key, "rate", f"refused:{person.session_id}")
    with short_write() as session:
        refused_acts.note(session, key, person, endpoint=endpoint, permission=permission)
