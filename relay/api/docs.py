"""The description of the API for everybody: a file for programs, and a page that is read without any script."""

from flask import Response, json

from relay.api import api_docs
from relay.api.description import document
from relay.models import ApiScope
from relay.web import page

_METHODS = ("get", "post", "put", "patch", "delete")


@api_docs.get("/docs")
def docs() -> Response:
    """Show the description for people."""
    described = document()
    operations = [
        (method.upper(), f"{path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]
    return page("api/docs.html", described=described, operations=operations, scopes=list(ApiScope))


@api_docs.get("/v1/openapi.json")
def openapi() -> Response:
    """Answer with the description for programs."""
    return Response(json.dumps(document()), mimetype="application/json")
