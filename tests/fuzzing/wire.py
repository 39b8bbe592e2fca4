"""Requests as bytes on the wire, and the two ways to have them answered: in this process, or by a real server."""

import http.client
from contextlib import closing, suppress
from contextvars import Context
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

PATIENCE = 60


@dataclass(frozen=True)
class Asked:
    """One request; its text is all that is needed to send it once more."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.target} {dict(self.headers)} {self.body!r}"


@dataclass(frozen=True)
class Answer:
    """What came back, to the last byte."""

    status_code: int
    headers: Headers
    body: bytes
    by_relay: bool = True
    """False where the server itself would not read the request, and says no more than that."""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Wire(Protocol):
    """A way to have a request answered. Raises whatever cut the answer off."""

    def __call__(self, asked: Asked) -> Answer: ...


class InProcess:
    """The application without a server, and without anything of the test around it."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, asked: Asked) -> Answer:
        path, _mark, query = asked.target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": asked.method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(asked.body),
            "CONTENT_LENGTH": str(len(asked.body)),
        }
        for name, value in asked.headers:
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        setup_testing_defaults(environ)
        parts, status, headers = Context().run(run_wsgi_app, self._app.wsgi_app, environ, buffered=True)
        return Answer(int(status.split()[0]), headers, b"".join(parts))


class OverSocket:
    """A real server on this machine, a connection for each request."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, asked: Asked) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)) as connection:
            connection.putrequest(asked.method, asked.target, skip_accept_encoding=True)
            for name, value in asked.headers:
                connection.putheader(name, value.encode("latin-1"))
            if asked.body or asked.method == "POST":
                connection.putheader("Content-Length", str(len(asked.body)))
            with suppress(BrokenPipeError, ConnectionResetError):  # refused and answered before the whole body was read
                connection.endheaders(asked.body or None)
            answer = connection.getresponse()
            headers = Headers(answer.getheaders())
            return Answer(answer.status, headers, answer.read(), by_relay="Server" in headers)
