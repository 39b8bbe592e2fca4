"""How many pages of the list several clients get in a second, from two workers, on the machine they share.

Each page comes over a connection of its own, as the proxy asks for it (relay/cli/units/nginx.conf): which worker takes
it is decided anew each time. Of four kept ones all may be at one worker.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from time import perf_counter

from tests.bench.serving import Server, served
from tests.bench.sets import Kept

CLIENTS, SECONDS = 4, 6.0
LEAST = 250
"""Requests a second that the list is to answer."""


def per_second(kept: Kept, address: str, cookie: str) -> float:
    """Pages a second of four clients that ask again as soon as they have one."""
    with served(kept, workers=2) as server, ThreadPoolExecutor(CLIENTS) as clients:
        asked = list(clients.map(lambda one: _asking(one, address, cookie), [*_beside(server)]))
    return sum(asked) / SECONDS


def _asking(client: Server, address: str, cookie: str) -> int:
    for _ in range(20):
        _get(client, address, cookie)
    asked, until = 0, perf_counter() + SECONDS
    while perf_counter() < until:
        _get(client, address, cookie)
        asked += 1
    return asked


def _get(client: Server, address: str, cookie: str) -> None:
    client.connection.close()
    client.get(address, cookie)


def _beside(server: Server) -> Iterator[Server]:
    for _ in range(CLIENTS):
        yield Server(server.pid, HTTPConnection(server.connection.host, server.connection.port, timeout=120))
