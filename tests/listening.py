"""A real web server of the other side, on an address of this machine: what it was asked, and how often."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Request"], tuple[int, dict[str, str], bytes]]
"""Answers a request: status, headers, body."""


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    server_name: str = ""


@dataclass
class Listener:
    """The server: `calls` counts connections, made or tried; `requests` are those that were read."""

    host: str
    port: int
    reply: Reply
    calls: int = 0
    requests: list[Request] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)


def accept(_request: Request) -> tuple[int, dict[str, str], bytes]:
    """Say that it was taken."""
    return 204, {}, b""


@contextmanager
def listening(
    reply: Reply = accept, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Listener]:
    """Listen while the block lasts."""
    names: dict[int, str] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, told, body, names.get(threading.get_ident(), ""))
            with listener.lock:
                listener.requests.append(request)
            status, headers, content = listener.reply(request)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def get_request(self) -> Any:
            with listener.lock:
                listener.calls += 1
            return super().get_request()

        def handle_error(self, *_who: Any) -> None:
            """Let whoever hangs up."""

    if tls is not None:
        tls.sni_callback = lambda _line, name, _context: names.__setitem__(threading.get_ident(), name)
    listener = Listener(host, port, reply)
    server = Server((host, port), Handler)
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
