"""What two workers of the web server hold after a thousand requests, as PSS: shared pages counted once."""

from pathlib import Path

from tests.bench.serving import children, served
from tests.bench.sets import Kept

REQUESTS = 1000
MOST = 120
"""MiB for both workers."""


def two_workers(kept: Kept, cookie: str, addresses: list[str]) -> float:
    """MiB of `relay serve` with two preloaded workers after asking for these pages in turn."""
    with served(kept, workers=2) as server:
        for number in range(REQUESTS):
            server.connection.close()  # so that both workers are asked
            server.get(addresses[number % len(addresses)], cookie)
        return sum(map(_pss, children(server.pid))) / 1024


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
