"""The API for programs of companies and partners: the verbs of the pages as JSON, described by OpenAPI 3.1.

A key may do what its scopes name, in the scope of its company or partner. Errors are problem details
(RFC 9457), lists go by cursor, a POST carries an Idempotency-Key.
"""

from flask import Flask, Response, g

from relay.access.csrf import exempt_from_cookie_csrf
from relay.access.guards import guarded, key_holders, load_views, open_to_all, surface
from relay.access.rate_limits import MINUTE, REQUESTS_PER_KEY
from relay.api import description, problems
from relay.api.parser import ApiBlueprint
from relay.web import errors_below

PREFIX = "/api/"

api = guarded(ApiBlueprint("api", __name__, url_prefix="/api/v1"), key_holders)
api_docs = surface("api_docs", __name__, guard=open_to_all, url_prefix="/api")
load_views(__name__)


@api.after_request
def tell_what_is_left(response: Response) -> Response:
    """Say how many requests the key has left in this minute (draft-ietf-httpapi-ratelimit-headers)."""
    if (left := g.get("requests_left")) is not None:
        response.headers["RateLimit-Policy"] = f'"key";q={REQUESTS_PER_KEY};w={int(MINUTE.total_seconds())}'
        response.headers["RateLimit"] = f'"key";r={max(left, 0)}'
    return response


def install(app: Flask) -> None:
    """Serve the API and its description."""
    exempt_from_cookie_csrf(api)
    description.described(app).register_blueprint(api)
    app.register_blueprint(api_docs)
    errors_below(app, PREFIX, problems.answer)
