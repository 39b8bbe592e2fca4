"""`make bench`: builds the sets once, measures, and prints a table per database and size.

BENCH_ROWS="1000 1000000" make bench       other sizes than 1,000 and 100,000
python -m tests.bench --only sqlite        one database
"""

import argparse
import os
import sys
from contextlib import ExitStack

from tests.bench import importing, measure, sets
from tests.bench.measure import Measured

SIZES = "1000 100000"
KINDS = ("sqlite", "postgresql")


def main() -> None:
    """Measure every page on every set asked for."""
    options = _options()
    load, cores = os.getloadavg()[0], os.cpu_count()
    _print(
        f"load {load:.1f} on {cores} cores: read the ratios; milliseconds are medians on this machine at this moment"
    )
    with ExitStack() as stack:
        server = stack.enter_context(sets.postgresql()) if "postgresql" in options.only else ""
        for kind in options.only:
            found: dict[int, list[Measured]] = {}
            for people in options.rows:
                kept = sets.kept(kind, people, server, _say)
                _say("")
                _head(kind, people)
                found[people] = [_line(each) for each in measure.measured(kept)]
                _import_line(kept, server)
            _growth(found)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted = os.environ.get("BENCH_ROWS", SIZES).replace(",", " ").split()
    options.add_argument("--rows", type=int, nargs="+", default=[int(each.replace("_", "")) for each in wanted])
    options.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    return options.parse_args()


def _head(kind: str, people: int) -> None:
    _print(f"\n{kind}, {people:,} people")
    _print(f"{'ms':>8} {'floor':>7} {'ratio':>6} {'SQL':>7} {'Jinja':>7} {'queries':>7} {'KiB':>6}   page")


def _line(each: Measured) -> Measured:
    _print(
        f"{each.whole:8.2f} {each.floor:7.2f} {each.ratio:6.1f} {each.in_sql:7.2f} {each.in_template:7.2f} "
        f"{each.queries:7d} {each.kilobytes:6.1f}   {each.page}"
    )
    return each


def _import_line(kept: sets.Kept, server: str) -> None:
    done = importing.imported(kept, server)
    speed = f"{done.rows:,} rows ({done.created:,} new) in {done.seconds:.1f} s: {done.per_second:,.0f} rows/s"
    others = f"another writer waited {done.longest_wait:.1f} s at most, {done.failed} of its writes failed"
    _print(f"relay import: {speed}; {others}")


def _growth(found: dict[int, list[Measured]]) -> None:
    """How much slower each page is in the biggest set than in the smallest."""
    if len(found) < 2:
        return
    small, big = min(found), max(found)
    _print(f"\nfrom {small:,} to {big:,} people")
    for one, other in zip(found[small], found[big], strict=True):
        _print(f"{other.whole / one.whole:8.1f} ×   {one.page}")


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _say(line: str) -> None:
    """Progress, on one line, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
