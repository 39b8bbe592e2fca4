"""The web server over a set, as in production: `relay serve` behind its own port, asked by one client."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.sets import BASE_URL, Kept

FORWARDED = {"Host": BASE_URL.removeprefix("https://"), "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
"""The proxy's words in front of the server."""


@dataclass
class Server:
    """A running server; a connection is kept as long as the server keeps it."""

    pid: int
    connection: HTTPConnection

    def get(self, address: str, cookie: str) -> bytes:
        """Return the body of a page, to its last byte; an error fails."""
        headers = FORWARDED | {"Cookie": cookie}
        try:
            self.connection.request("GET", address, headers=headers)
            answer = self.connection.getresponse()
        except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()
            self.connection.request("GET", address, headers=headers)
            answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status < 400, (address, answer.status)
        return body

    def post(self, address: str, cookie: str, form: Mapping[str, str]) -> None:
        """Send a form, as a browser does from its page; an answer that leads nowhere else fails."""
        headers = FORWARDED | {
            "Cookie": cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": BASE_URL + address,
        }
        self.connection.request("POST", address, urlencode(form), headers)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status in (302, 303), (address, answer.status)

    def processor(self) -> float:
        """Seconds of the processor that the server and its workers have taken (clock_getcpuclockid(3))."""
        return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in (self.pid, *children(self.pid))) / 1e9


def children(pid: int) -> list[int]:
    """The processes that a process has started: the workers of a server."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def served(kept: Kept, *, workers: int) -> Iterator[Server]:
    """Serve the set on a free port of this machine, and stop it afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "relay.cli", "serve", "--port", str(port), "--workers", str(workers)]
    with subprocess.Popen(
        command, env=environment(kept), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait(port)
            yield Server(server.pid, HTTPConnection("127.0.0.1", port, timeout=120))
        finally:
            server.send_signal(signal.SIGTERM)


def environment(kept: Kept) -> dict[str, str]:
    """The server as in production, over the set and with the keys its sessions are signed with."""
    settings = kept.app().config["RELAY"]
    told = {
        "ENV": "production",
        "PROXY_HOPS": "1",
        "BASE_URL": BASE_URL,
        "SECRET_KEY": settings.secret_key,
        "HASH_KEY": settings.hash_key,
        "MAIL_HOST": settings.mail_host,
        "MAIL_SENDER": settings.mail_sender,
    }
    return kept.environment() | {f"RELAY_{name}": value for name, value in told.items()}


def wait(port: int) -> None:
    """Wait until a server answers. Raises RuntimeError after a minute."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"nobody answers at port {port}")


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
