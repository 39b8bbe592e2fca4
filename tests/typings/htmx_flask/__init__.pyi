"""What Relay uses of htmx-flask, which ships no types of its own."""

from flask import Flask, Response
from htmx_flask.requests import HtmxAwareRequest

class Htmx:
    def init_app(self, app: Flask) -> None: ...

request: HtmxAwareRequest

def make_response(
    *args: object,
    push_url: str | None = ...,
    redirect: str | None = ...,
    refresh: bool = ...,
    replace_url: str | None = ...,
    trigger: str | None = ...,
) -> Response: ...
