# What Relay uses of flask-smorest, which comes without types.
from collections.abc import Callable
from typing import Any, TypeVar

import flask
from apispec import APISpec
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

View = TypeVar("View", bound=Callable[..., Any])

class Blueprint(flask.Blueprint):
    ARGUMENTS_PARSER: FlaskParser
    def arguments(
        self, schema: type[Schema] | Schema, *, location: str = ..., required: bool = ..., **more: Any
    ) -> Callable[[View], View]: ...
    def response(
        self, status_code: int, schema: type[Schema] | Schema | None = ..., **more: Any
    ) -> Callable[[View], View]: ...
    def alt_response(self, status_code: int, **more: Any) -> Callable[[View], View]: ...
    @staticmethod
    def doc(**more: Any) -> Callable[[View], View]: ...

class Api:
    DEFAULT_RESPONSE_CONTENT_TYPE: str
    ERROR_SCHEMA: type[Schema]
    spec: APISpec
    def __init__(self, app: flask.Flask | None = ..., *, spec_kwargs: dict[str, Any] | None = ...) -> None: ...
    def register_converter(self, converter: type, func: Callable[[Any], dict[str, Any]]) -> None: ...
    def register_field(self, field: type, *mapped: Any) -> None: ...
    def register_blueprint(self, blueprint: Blueprint, **more: Any) -> None: ...
    def _register_responses(self) -> None: ...
