"""Marks of the API's views: the scope each needs, and how an act is committed."""

import re
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from flask import Response, abort, json, make_response
from flask_smorest import Blueprint
from htmx_flask import request

from relay.access.context import caller
from relay.access.markers import View
from relay.api.refusals import RepeatedKeyMissing
from relay.connect import kept_answers
from relay.extensions import db
from relay.models import ApiScope
from relay.models.api_keys import MAX_REPEATED_KEY

REPEATED_KEY = "Idempotency-Key"
_REPEATED_KEY = re.compile('"?([!#-~]+)"?')
"""Bare, or in quotes as draft-ietf-httpapi-idempotency-key-header writes it."""
_KEY_SHAPE = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_REPEATED_KEY,
    "pattern": f"^{_REPEATED_KEY.pattern}$",
}


def needs_scope(scope: ApiScope) -> Callable[[View], View]:
    """Say what a key must be allowed to reach a view; others get 403."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if scope not in caller().allowed:
                abort(403)
            return view(*args, **kwargs)

        checked.relay_api_scope = scope  # type: ignore[attr-defined]
        return Blueprint.doc(security=[{"key": [scope.value]}])(checked)  # type: ignore[return-value]

    return wrap


def commits(view: View) -> View:
    """Commit once after the view; for an act that done again changes nothing more (PUT, PATCH, DELETE)."""

    @wraps(view)
    def committed(*args: Any, **kwargs: Any) -> Any:
        answer = view(*args, **kwargs)
        db.session.commit()
        return answer

    return committed  # type: ignore[return-value]


def once(view: View) -> View:
    """Do what a POST asks once for its Idempotency-Key, and answer the same whenever it comes again within a day.

    Act and answer are one transaction. Such an answer holds ids and states, and nobody's data (D-10, A-26).
    """

    return _done_once(view, ())


def once_without(*shown_once: str) -> Callable[[View], View]:
    """Do the same, where these parts of the answer are shown to the request that acted and kept nowhere (C-17).

    Sent again it is answered with null in their place.
    """
    return lambda view: _done_once(view, shown_once)


def _done_once(view: View, shown_once: Collection[str]) -> View:
    @wraps(view)
    def done_once(*args: Any, **kwargs: Any) -> Any:
        session, key_id, endpoint = db.session(), caller().key_id, request.endpoint or ""
        sent = request.headers.get(REPEATED_KEY, "").strip()
        shape = _REPEATED_KEY.fullmatch(sent)
        if shape is None or len(sent) > MAX_REPEATED_KEY:
            raise RepeatedKeyMissing
        repeated = shape[1]
        asked = request.full_path.encode() + b"\n" + request.get_data(cache=True)
        if before := kept_answers.begin(session, key_id, endpoint, repeated, asked):
            return Response(before.body, before.status, mimetype="application/json")
        answer = make_response(view(*args, **kwargs))
        kept = _without(answer.get_data(as_text=True), shown_once)
        kept_answers.keep(session, key_id, endpoint, repeated, answer.status_code, kept)
        session.commit()
        return answer

    header = {"in": "header", "name": REPEATED_KEY, "required": True, "schema": _KEY_SHAPE}
    return Blueprint.doc(parameters=[header])(done_once)  # type: ignore[return-value]


def _without(body: str, names: Collection[str]) -> str:
    return json.dumps(json.loads(body) | dict.fromkeys(names)) if names else body
