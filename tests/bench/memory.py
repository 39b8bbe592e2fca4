"""What two workers of the web server hold after a thousand requests, as PSS: shared pages counted once."""

import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from tests.bench.sets import BASE_URL, Kept

REQUESTS = 1000
MOST = 120
"""MiB for both workers."""


def two_workers(kept: Kept, cookie: str, addresses: list[str]) -> float:
    """MiB of `relay serve` with two preloaded workers after asking for these pages in turn."""
    port = _free_port()
    command = [sys.executable, "-m", "relay.cli", "serve", "--port", str(port), "--workers", "2"]
    with subprocess.Popen(
        command, env=environment(kept), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait(port)
            for number in range(REQUESTS):
                _get(port, addresses[number % len(addresses)], cookie)
            return sum(map(_pss, _children(server.pid))) / 1024
        finally:
            server.send_signal(signal.SIGTERM)


def environment(kept: Kept) -> dict[str, str]:
    """The server as in production, over the set and with the keys its sessions are signed with."""
    settings = kept.app().config["RELAY"]
    told = {
        "ENV": "production",
        "BASE_URL": BASE_URL,
        "SECRET_KEY": settings.secret_key,
        "HASH_KEY": settings.hash_key,
        "MAIL_HOST": settings.mail_host,
        "MAIL_SENDER": settings.mail_sender,
    }
    return kept.environment() | {f"RELAY_{name}": value for name, value in told.items()}


def _get(port: int, address: str, cookie: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", address, headers={"Cookie": cookie, "Host": BASE_URL.removeprefix("https://")})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, (address, answer.status)
    connection.close()


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("relay serve did not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
