"""The description that views register in: OpenAPI 3.1."""

from typing import Any

from apispec import APISpec
from flask import Flask, current_app
from flask_smorest import Api

from relay.api.problems import PROBLEM, ProblemSchema
from relay.web import RowId

VERSION = "1.0.0"


class DescribedApi(Api):
    """The description of one application; errors are answered by the surfaces' own handler (relay/web.py)."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to the one place that answers them."""

    def _register_responses(self) -> None:
        super()._register_responses()
        for response in self.spec.components.responses_lazy.values():
            if content := response.get("content"):
                content[PROBLEM] = content.pop(self.DEFAULT_RESPONSE_CONTENT_TYPE)


def described(app: Flask) -> Api:
    """Return the description of this application's API, still without its operations."""
    made = DescribedApi(
        app,
        spec_kwargs={
            "title": "Relay API",
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": _INFO,
        },
    )
    made.register_converter(RowId, lambda converter: {"type": "integer", "minimum": 1, "maximum": converter.max})
    spec: APISpec = made.spec
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.options["security"] = [{"key": []}]
    app.extensions["relay-api"] = made
    return made


_INFO = {"license": {"name": "MIT", "identifier": "MIT"}}


def document() -> dict[str, Any]:
    """Return the whole description."""
    made: Api = current_app.extensions["relay-api"]
    found: dict[str, Any] = made.spec.to_dict()
    return found
