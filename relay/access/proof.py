"""A fresh proof of who is there, before a dangerous act (E-8)."""

from functools import wraps
from typing import Any

from flask import current_app, make_response, url_for
from htmx_flask import request
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.deferring import with_secrets
from relay.access.markers import SAFE, GuardPage, View, endpoint_of
from relay.access.redirects import redirect_to
from relay.infra import deferred_forms


def fresh(view: View) -> View:
    """Ask again who is there before a dangerous act (E-8), where the last proof is older than fifteen minutes.

    A page is shown after the proof. A form waits on the page of the proof, its fields hidden in it, and is sent on
    afterwards, so that nothing typed is lost; forms of dangerous acts are sent plainly, without htmx.
    """

    @wraps(view)
    def proven(*args: Any, **kwargs: Any) -> Any:
        if not signed_in().freshly_proven:
            return _ask_for_proof()
        if sealed := request.form.get(deferred_forms.SEALED_FIELDS):
            request.form = with_secrets(sealed)
        return view(*args, **kwargs)

    proven.relay_fresh = True  # type: ignore[attr-defined]
    return proven  # type: ignore[return-value]


def _ask_for_proof() -> AnyResponse:
    proof = endpoint_of(GuardPage.PROOF)
    if request.method == "POST" and not request.htmx:
        return make_response(current_app.view_functions[proof]())
    return redirect_to(url_for(proof, next=request.full_path.rstrip("?") if request.method in SAFE else "/"))
