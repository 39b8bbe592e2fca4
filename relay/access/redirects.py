"""The way to another page, by a plain answer or one that htmx follows."""

import htmx_flask
from flask import redirect
from htmx_flask import request
from werkzeug.wrappers import Response as AnyResponse


def redirect_to(page: str) -> AnyResponse:
    """Answer with 303 to the page, or with 403 and the header by which htmx goes there."""
    return htmx_flask.make_response("", 403, redirect=page) if request.htmx else redirect(page, 303)
