"""The reader of requests: JSON that says it is JSON, and no name that nobody declared (D-16)."""

from typing import Any

from flask import Request, abort
from flask_smorest import Blueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser


class StrictParser(FlaskParser):
    """Refuse unknown names everywhere, and with 415 a body of another kind."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {"json": RAISE, "query": RAISE}  # noqa: RUF012  (webargs)

    def load_json(self, req: Request, schema: Any) -> Any:
        """Return the JSON of the body."""
        if not req.is_json:
            abort(415)
        return super().load_json(req, schema)


class ApiBlueprint(Blueprint):
    """A blueprint whose views take such requests."""

    ARGUMENTS_PARSER = StrictParser()
