"""`make bench-http`: every page over HTTP, as a browser gets it, from a small company to a million people.

One client, and one worker of the real server for each size; the sizes are asked in turn, so that whatever disturbs
the machine disturbs them alike. A time is the best of three medians, in milliseconds.

BENCH_ROWS="1000 100000" make bench-http   other sizes than 1,000 and 1,000,000
python -m tests.bench.http --only sqlite   one database
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from urllib.parse import quote

from tests.bench import measure, sets
from tests.bench.serving import Server, served

SIZES = "1000 1000000"
KINDS = ("sqlite", "postgresql")
MOST, MOST_FOUND = 12.0, 40.0
"""Milliseconds of a page with a thousand people; of a search that puts what it found in order, at any size."""
GROWTH = 1.5
"""How much slower a page may be in the biggest set."""
RIVAL = 2.5
"""How much slower than SQLite PostgreSQL may be, with the same people."""
SEARCHES = {f"search {each}" for each in ("of two characters", "of one character", "of three words", "by operators")}
ROUNDS, TIMES, WARM = 3, 7, 3


@dataclass(frozen=True)
class Opened:
    """A set that is served: the server, and page → its address there and the cookie of who looks at it."""

    server: Server
    pages: dict[str, tuple[str, str]]

    def get(self, page: str) -> None:
        """Ask for the page, to its last byte."""
        self.server.get(*self.pages[page])


def main() -> int:
    """Measure every page at every size; return 1 where one is beyond its bound."""
    options = _options()
    sqlite: dict[str, list[float]] = {}
    beyond = 0
    with ExitStack() as stack:
        server = stack.enter_context(sets.postgresql()) if "postgresql" in options.only else ""
        for kind in options.only:
            _print(f"\n{kind:>12}" + "".join(f"{people:>12,}" for people in options.rows) + "   growth   page")
            for page, took in _measured(kind, options.rows, server):
                said = _beyond(page, took, sqlite.get(page))
                sqlite.setdefault(page, took)
                beyond += bool(said)
                times = "".join(f"{each:12.1f}" for each in took)
                _print(f"{'':12}{times}{took[-1] / took[0]:9.2f}   {page}{f' ({said})' if said else ''}")
    _print(f"\n{beyond} pages beyond their bound")
    return 1 if beyond else 0


def _measured(kind: str, sizes: Sequence[int], server: str) -> Iterator[tuple[str, list[float]]]:
    with ExitStack() as stack:
        opened = [stack.enter_context(_opened(sets.kept(kind, people, server, _say))) for people in sizes]
        for page in opened[0].pages:
            yield page, _times(opened, page)


@contextmanager
def _opened(kept: sets.Kept) -> Iterator[Opened]:
    pages = measure.addresses(kept)
    with served(kept, workers=1) as server:
        yield Opened(server, {page.name: (quote(page.address, safe="/?=&%"), cookie) for page, cookie in pages})


def _times(opened: Sequence[Opened], page: str) -> list[float]:
    """Milliseconds of the page in each set: of the rounds in turn, the best median."""
    for each in opened:
        for _ in range(WARM):
            each.get(page)
    best = [float("inf")] * len(opened)
    for _ in range(ROUNDS):
        for place, each in enumerate(opened):
            best[place] = min(best[place], median(_timed(each, page) for _ in range(TIMES)))
    return best


def _timed(opened: Opened, page: str) -> float:
    begun = perf_counter()
    opened.get(page)
    return (perf_counter() - begun) * 1000


def _beyond(page: str, took: Sequence[float], beside: Sequence[float] | None) -> str:
    """Return which bounds the page is beyond, in words; nothing where it is within all."""
    said = []
    if page in SEARCHES:
        said += [f"over {MOST_FOUND:.0f} ms"] if max(took) > MOST_FOUND else []
    else:
        said += [f"over {GROWTH} ×"] if took[-1] > GROWTH * took[0] else []
        said += [f"over {MOST:.0f} ms"] if took[0] > MOST and beside is None else []
    if beside is not None and any(one > RIVAL * other for one, other in zip(took, beside, strict=True)):
        said.append(f"over {RIVAL} × SQLite")
    return "; ".join(said)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted = os.environ.get("BENCH_ROWS", SIZES).replace(",", " ").split()
    options.add_argument("--rows", type=int, nargs="+", default=[int(each.replace("_", "")) for each in wanted])
    options.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    return options.parse_args()


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _say(line: str) -> None:
    """Progress, on one line, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
