"""`make bench-http`: every page over HTTP, as a browser gets it, from a small company to a million people.

One client, and one worker of the real server for each set; the sets are asked in turn, so that whatever disturbs
the machine disturbs them alike. A time is the best of three medians, in milliseconds; beside it what the server took
of the processor, the best of three means, and how many times an empty route of the same server that is: machines
differ, and one differs from itself. The last column is the processor's time in the measurement that landed last.

BENCH_ROWS="1000 100000" make bench-http   other sizes than 1,000 and 1,000,000
python -m tests.bench.http --only sqlite   one database
python -m tests.bench.http --land          keep the figures as the last that landed
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import NamedTuple
from urllib.parse import quote

from tests.bench import clients, landed, measure, sets
from tests.bench.landed import Figure
from tests.bench.serving import Server, served

SIZES = "1000 1000000"
KINDS = ("sqlite", "postgresql")
MOST, MOST_FOUND = 12.0, 40.0
"""Milliseconds of a page with a thousand people; of a search that puts what it found in order, at any size."""
GROWTH = 1.5
"""How much slower a page may be in the biggest set."""
RIVAL = 2.5
"""How much slower than SQLite PostgreSQL may be, with the same people."""
SEARCHES = {
    f"search {each}"
    for each in ("of two characters", "of one character", "of three words", "by operators", "by day of application")
}
PROCESSOR = {
    "portal.templates": 1.5,
    "pool, first page": 4.5,
    "search of two characters": 6.5,
    "record": 3.3,
    "home": 3.0,
    "results, not yet told": 6.0,
    "applications of a position": 6.0,
    "applications at a stage": 6.0,
    "positions that are open": 6.0,
    "portal.missing": 6.0,
    "agency's list": 5.0,
    "portal.pool_counts": 10.0,
}
"""Milliseconds of the processor with a hundred thousand people on SQLite; with a million `GROWTH` times as many."""
ROUTE, ROUTE_TAKES = "/healthz", 0.49
"""An empty route, and what it took of the processor where these bounds were set."""
ROUNDS, TIMES, WARM = 3, 7, 3


class Took(NamedTuple):
    """Milliseconds of a page: the whole request, the processor at the server, and the same for the empty route."""

    whole: float
    processor: float
    route: float

    @property
    def times_route(self) -> float:
        """How many empty routes the page costs."""
        return self.processor / self.route


@dataclass(frozen=True)
class Opened:
    """A set that is served: the server, and page → its address there and the cookie of who looks at it."""

    server: Server
    pages: dict[str, tuple[str, str]]

    def get(self, page: str) -> None:
        """Ask for the page, to its last byte."""
        self.server.get(*self.pages[page])

    def route(self) -> None:
        """Ask for the empty route."""
        self.server.get(ROUTE, "")


def main() -> int:
    """Measure every page at every size; return 1 where one is beyond its bound."""
    options = _options()
    before, figures, beyond = landed.read(), list[Figure](), 0
    with ExitStack() as stack:
        server = stack.enter_context(sets.postgresql()) if "postgresql" in options.only else ""
        there = {kind: [sets.kept(kind, people, server, _say) for people in options.rows] for kind in options.only}
        _head(options.rows)
        for page, taken in _measured(there):
            for kind, took in taken.items():
                said = _beyond(page, options.rows, took, taken.get("sqlite") if kind != "sqlite" else None)
                beyond += bool(said)
                _line(f"{page}, {kind}", took, said, before.get((kind, options.rows[-1], page)))
                figures += [Figure(kind, size, page, *each[:2]) for size, each in zip(options.rows, took, strict=True)]
        beyond += sum(not _asked_at_once(each[-1]) for each in there.values())
    _print(f"\n{beyond} lines beyond their bound")
    if options.land:
        landed.write(figures)
    return 1 if beyond else 0


def _head(sizes: Sequence[int]) -> None:
    people = "".join(f"{each:11,}" for each in sizes)
    _print("\nMilliseconds by people, of the processor by people, both growths, × empty route, landed")
    _print(f"{people}   |{people}")


def _line(page: str, took: Sequence[Took], said: str, last: Figure | None) -> None:
    whole = "".join(f"{each.whole:11.1f}" for each in took)
    processor = "".join(f"{each.processor:11.2f}" for each in took)
    growth = f"{took[-1].whole / took[0].whole:6.2f}{took[-1].processor / took[0].processor:6.2f}"
    known = f"{last.processor:7.2f}" if last else f"{'':7}"
    said = f" ({said})" if said else ""
    _print(f"{whole}   |{processor}{growth}{took[-1].times_route:6.1f}{known}   {page}{said}")


def _asked_at_once(kept: sets.Kept) -> bool:
    """Print how many pages of the list several clients get in a second; return whether that is enough."""
    page, cookie = measure.addresses(kept)[0]
    found = clients.per_second(kept, page.address, cookie)
    said = f" (under {clients.LEAST})" if found < clients.LEAST else ""
    _print(f"{page.name}, {kept.kind} {kept.people:,}: {found:.0f} a second to {clients.CLIENTS} clients{said}")
    return not said


def _measured(there: Mapping[str, Sequence[sets.Kept]]) -> Iterator[tuple[str, dict[str, list[Took]]]]:
    """Give each page with what it took in the sets of each database."""
    with ExitStack() as stack:
        opened = [stack.enter_context(_opened(each)) for of_one in there.values() for each in of_one]
        for page in opened[0].pages:
            took = iter([_best(each) for each in _rounds(opened, page)])
            yield page, {kind: [next(took) for _ in of_one] for kind, of_one in there.items()}


@contextmanager
def _opened(kept: sets.Kept) -> Iterator[Opened]:
    measure.keep_alive(kept)
    pages = measure.addresses(kept)
    with served(kept, workers=1) as server:
        yield Opened(server, {page.name: (quote(page.address, safe="/?=&%"), cookie) for page, cookie in pages})


def _rounds(opened: Sequence[Opened], page: str) -> list[list[Took]]:
    """What the page took in each set, round by round; the sets take turns."""
    for each in opened:
        for _ in range(WARM):
            each.get(page)
            each.route()
    took: list[list[Took]] = [[] for _ in opened]
    for _ in range(ROUNDS):
        for each, found in zip(opened, took, strict=True):
            found.append(_round(each, page))
    return took


def _round(opened: Opened, page: str) -> Took:
    whole, processor, route = list[float](), 0.0, 0.0
    for _ in range(TIMES):
        at, begun = opened.server.processor(), perf_counter()
        opened.get(page)
        whole.append((perf_counter() - begun) * 1000)
        between = opened.server.processor()
        opened.route()
        processor, route = processor + between - at, route + opened.server.processor() - between
    return Took(median(whole), processor / TIMES * 1000, route / TIMES * 1000)


def _best(rounds: Sequence[Took]) -> Took:
    whole, processor, route = zip(*rounds, strict=True)
    return Took(min(whole), min(processor), min(route))


def _beyond(page: str, sizes: Sequence[int], took: Sequence[Took], beside: Sequence[Took] | None) -> str:
    """Return which bounds the page is beyond, in words; nothing where it is within all."""
    said, whole = [], [each.whole for each in took]
    if page in SEARCHES:
        said += [f"over {MOST_FOUND:.0f} ms"] if max(whole) > MOST_FOUND else []
    else:
        said += [f"over {GROWTH} ×"] if whole[-1] > GROWTH * whole[0] else []
        said += [f"over {MOST:.0f} ms"] if whole[0] > MOST and beside is None else []
    if beside is not None and any(one.whole > RIVAL * other.whole for one, other in zip(took, beside, strict=True)):
        said.append(f"over {RIVAL} × SQLite")
    if beside is None and (most := PROCESSOR.get(page)):
        bounds = [most * (1 if size <= 100_000 else GROWTH) for size in sizes]
        if any(each.processor > bound for each, bound in zip(took, bounds, strict=True)):
            there = max(each.times_route * most / bound for each, bound in zip(took, bounds, strict=True)) * ROUTE_TAKES
            said.append(f"over {most} ms of the processor; {there:.1f} where that was set")
    return "; ".join(said)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted = os.environ.get("BENCH_ROWS", SIZES).replace(",", " ").split()
    options.add_argument("--rows", type=int, nargs="+", default=[int(each.replace("_", "")) for each in wanted])
    options.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    options.add_argument("--land", action="store_true", help="keep the figures as the last that landed")
    return options.parse_args()


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _say(line: str) -> None:
    """Progress, on one line, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
