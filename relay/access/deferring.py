"""Forms and pages that wait while their sender signs in or proves who they are."""

from flask import abort, current_app, session
from htmx_flask import request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from relay.access.context import signed_in
from relay.access.markers import SAFE, current_view
from relay.extensions import db
from relay.identity import sessions
from relay.infra import deferred_forms


def place_to_return() -> str | None:
    """Return the page to come back to after signing in: the one asked for, or the one whose form was sent."""
    if request.method not in SAFE:
        try:
            current_app.create_url_adapter(request).match(request.path, "GET")  # type: ignore[union-attr]
        except HTTPException:
            return None
    page = request.full_path.rstrip("?")
    return page if page != "/" else None


def deferred_form() -> str:
    """Return the form sent after its session had ended, sealed for its sender; empty where none can wait.

    Its CSRF value was checked before any guard, so it is of a page that this browser was shown.
    """
    never = getattr(current_view(), "relay_never_deferred", False)
    if request.method != "POST" or never or any(request.files.values()):
        return ""
    user_id = sessions.whose(db.session(), session.get("_user_id", ""))
    if user_id is None:
        return ""
    return deferred_forms.defer_until_signed_in(request.form, user_id=user_id, path=request.full_path.rstrip("?"))


def carried_fields() -> deferred_forms.Fields:
    """Return what the form that waits for a proof had typed in it."""
    return deferred_forms.defer_until_proven(request.form, session_id=signed_in().session_id, path=request.path)


def with_secrets(sealed: str) -> ImmutableMultiDict[str, str]:
    """Return the form with what its waiting fields hold, sealed on the page of the proof; 400 where they are lost."""
    try:
        return deferred_forms.with_secrets(request.form, sealed, session_id=signed_in().session_id, path=request.path)
    except deferred_forms.FormLost:
        abort(400)
