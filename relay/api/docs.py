"""The description of the API for everybody: a file for programs, and a page that is read without any script."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Response, json

from relay.api import api_docs, problems
from relay.api.description import METHODS, document
from relay.models import ApiScope
from relay.web import page


class Operation(NamedTuple):
    """One operation as the page tells it."""

    method: str
    path: str
    told: dict[str, Any]
    sent: dict[str, Any]
    """The fields of its body, by their names."""
    answered: dict[str, Any]
    """The fields of its answer; of a list, those of a row."""


@api_docs.get("/docs")
def docs() -> Response:
    """Show the description for people."""
    described = document()
    operations = [
        Operation(method.upper(), path, told, _fields(described, told.get("requestBody")), _answered(described, told))
        for path, methods in described["paths"].items()
        for method, told in methods.items()
        if method in METHODS
    ]
    return page(
        "api/docs.html",
        operations=operations,
        scopes=list(ApiScope),
        problems=problems.of_requests(),
        refusals=problems.of_verbs(),
        messages={kind: _sent(told["post"]) for kind, told in described["webhooks"].items()},
    )


@api_docs.get("/v1/openapi.json")
def openapi() -> Response:
    """Answer with the description for programs."""
    return Response(json.dumps(document(), default=str), mimetype="application/json")


def _sent(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a message says, and one as it is sent."""
    [example] = told["requestBody"]["content"]["application/json"]["examples"].values()
    return told["summary"], json.dumps(example["value"], ensure_ascii=False, sort_keys=False)


def _answered(described: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    good = next((answer for status, answer in told["responses"].items() if status.startswith("2")), None)
    found = _fields(described, good)
    rows = found.get("data", {}).get("items")
    return _resolved(described, rows) if rows else found


def _fields(described: Mapping[str, Any], part: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of a body or an answer in JSON; none where it has no body."""
    schema = ((part or {}).get("content") or {}).get("application/json", {}).get("schema")
    return _resolved(described, schema) if schema else {}


def _resolved(described: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    needed = schema.get("required", ())
    return {name: each | {"needed": name in needed} for name, each in schema.get("properties", {}).items()}
