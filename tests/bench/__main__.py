"""`make bench`: builds the sets once, measures, and prints a table per database and size.

BENCH_ROWS="1000 1000000" make bench       other sizes than 1,000 and 100,000
python -m tests.bench --only sqlite        one database
python -m tests.bench --explain            with the plan of every statement
"""

import argparse
import os
import sys
from contextlib import ExitStack

from tests.bench import fitting, importing, measure, memory, sets
from tests.bench.measure import Measured

RATIO = 3.0
"""A page may take so many times its floor."""
GROWTH = 1.5
"""How much slower a page may be with a million people than with a thousand."""
GROWTH_OF_WORDS = 4.0
"""The same for a search: who is found has to be put in order."""
SEARCHES = {f"search {each}" for each in ("of two characters", "of one character", "of three words", "by operators")}
SIZES = "1000 100000"
KINDS = ("sqlite", "postgresql")


def main() -> None:
    """Measure every page on every set asked for."""
    options = _options()
    load, cores = os.getloadavg()[0], os.cpu_count()
    _print(f"load {load:.1f} on {cores} cores: read the ratios; milliseconds are the best of thirty")
    with ExitStack() as stack:
        server = stack.enter_context(sets.postgresql()) if "postgresql" in options.only else ""
        for kind in options.only:
            found: dict[int, list[Measured]] = {}
            for people in options.rows:
                kept = sets.kept(kind, people, server, _say)
                _say("")
                _head(kind, people)
                found[people] = [_line(each, explain=options.explain) for each in measure.measured(kept)]
                _fits_line(kept)
                _import_line(kept, server)
            _growth(kind, found)
            _memory_line(kept)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted = os.environ.get("BENCH_ROWS", SIZES).replace(",", " ").split()
    options.add_argument("--rows", type=int, nargs="+", default=[int(each.replace("_", "")) for each in wanted])
    options.add_argument("--explain", action="store_true", help="print the plan of every statement")
    options.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    return options.parse_args()


def _head(kind: str, people: int) -> None:
    _print(f"\n{kind}, {people:,} people")
    _print(f"{'ms':>8} {'floor':>7} {'ratio':>6} {'SQL':>7} {'Jinja':>7} {'queries':>7} {'KiB':>6}   page")


def _line(each: Measured, *, explain: bool) -> Measured:
    floor, ratio = (f"{each.floor:.2f}", f"{each.ratio:.1f}") if each.floor and each.ratio else ("", "")
    beyond = [f"over {RATIO:.0f} ×"] if each.ratio and each.ratio > RATIO else []
    beyond += [f"walks all of {', '.join(each.walked)}"] if each.walked else []
    beyond += [f"over {measure.QUERIES} queries"] if each.queries > measure.QUERIES else []
    _print(
        f"{each.whole:8.2f} {floor:>7} {ratio:>6} {each.in_sql:7.2f} {each.in_template:7.2f} "
        f"{each.queries:7d} {each.kilobytes:6.1f}   {each.page}{' (' + '; '.join(beyond) + ')' if beyond else ''}"
    )
    for plan in each.plans if explain else ():
        _print(f"\n{plan}\n")
    return each


def _fits_line(kept: sets.Kept) -> None:
    for name, with_records in ((", with records", True), ("", False)):
        took = fitting.fitted(kept, with_records=with_records)
        beyond = f"; over {fitting.WITHIN:.0f} s" if took.processor > fitting.WITHIN else ""
        cost = f"{took.seconds:.2f} s, {took.processor:.2f} s of the processor{beyond}"
        _print(f"first twenty who fit a position{name}: {cost}")


def _import_line(kept: sets.Kept, server: str) -> None:
    done = importing.imported(kept, server)
    speed = f"{done.rows:,} rows ({done.created:,} new) in {done.seconds:.1f} s: {done.per_second:,.0f} rows/s"
    speed += f", {done.processor:.1f} s of the processor"
    others = f"another writer waited {done.longest_wait:.1f} s at most, {done.failed} of its writes failed"
    found = (
        f"found by their words after {done.found_after:.1f} s more, another writer waited {done.wait_of_finding:.1f} s"
    )
    _print(f"relay import: {speed}; {others}; {found}")


def _growth(kind: str, found: dict[int, list[Measured]]) -> None:
    """How much slower each page is in the biggest set than in the smallest, beside what a million may cost."""
    if len(found) < 2:
        return
    small, big = min(found), max(found)
    _print(f"\n{kind}, from {small:,} to {big:,} people (at most from 1,000 to 1,000,000)")
    for one, other in zip(found[small], found[big], strict=True):
        most = GROWTH_OF_WORDS if one.page in SEARCHES else GROWTH
        _print(f"{other.whole / one.whole:8.1f} × ({most:.1f})   {one.page}")


def _memory_line(kept: sets.Kept) -> None:
    held = measure.memory_of_two_workers(kept)
    _print(f"\n{held:.0f} MiB (PSS, at most {memory.MOST}) in two workers after {memory.REQUESTS:,} requests")


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _say(line: str) -> None:
    """Progress, on one line, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
