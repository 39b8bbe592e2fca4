"""`python -m tests.bench.tricks`: what each cache is worth, by doing without it.

Every function of Relay that remembers its answers is found by itself. The act that asks it most is done with it and
without it in turn; a line shows how much longer the act takes without, in processor time, the best of several. A cache
that is not asked at all, or is worth nothing, goes; one that keeps a single object for the process says so beside it.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import process_time
from typing import Any

from click.testing import CliRunner

from relay import clock
from relay.cli import main as commands
from relay.extensions import db
from tests.bench import build, importing, measure, pages, sets
from tests.bench.duplicates.copies import pool
from tests.bench.duplicates.measure import searched

PEOPLE = 1_000
ROWS = 3_000
COPIES = 2_000
TIMES = 7
NOISE = 0.02
"""How much of an act two measurements of the same may differ by."""

Acts = dict[str, Callable[[], object]]


def main() -> None:
    """Print a line for each cache: the act that asks it most, how often, and what the act takes without it."""
    kept = sets.kept("sqlite", PEOPLE, "", lambda _line: None)
    with clock.at(kept.now), _acts(kept) as acts:
        caches = dict(_caches())
        asked = {name: _asked(caches, act) for name, act in acts.items()}
        print(f"{'asked':>8} {'without':>8}   cache, and the act that asks it most")  # noqa: T201
        for name in sorted(caches):
            act = max(acts, key=lambda each: asked[each][name])
            count = asked[act][name]
            ratio = _ratio(caches[name], acts[act]) if count else 1.0
            said = "not asked" if not count else "worth nothing" if ratio < 1 + NOISE else ""
            print(f"{count:8,} {ratio:8.2f}   {name} ({act}){f': {said}' if said else ''}", flush=True)  # noqa: T201


@contextmanager
def _acts(kept: sets.Kept) -> Iterator[Acts]:
    """Yield what is done to measure, by name: pages, an import without its writing, the search for duplicates."""
    app = kept.app()
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        session = db.session()
        member = measure.signed_in(app, session, build.adam(session))
        agent = measure.signed_in(app, session, build.agnes(session))
        found = pages.every(app, session, measure.place(session, kept))
        db.engine.dispose()
    acts: Acts = {}
    for page in found:
        browser = agent if page.agent else member
        acts[page.name] = partial(browser.get, page.address, base_url=sets.BASE_URL)
    sheet = kept.folder / "応募者.csv"
    importing.write(sheet, kept, rows=ROWS)
    order = ["import", str(sheet), "--company", "acme", "--basis", "stated", "--words-checked", "--dry-run"]
    acts["import"] = partial(CliRunner().invoke, commands, order, env=kept.environment(), catch_exceptions=False)
    acts["duplicates"] = partial(searched, pool(COPIES, COPIES // 5, seed=1))
    yield acts
    sheet.unlink()


def _caches() -> Iterator[tuple[str, Any]]:
    """Yield every function of Relay that remembers, by module and name."""
    for module in [module for name, module in sorted(sys.modules.items()) if name.split(".")[0] == "relay"]:
        for name, value in vars(module).items():
            if hasattr(value, "cache_info") and value.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", value


def _asked(caches: dict[str, Any], act: Callable[[], object]) -> dict[str, int]:
    """Return how often the act asks each cache, once it is warm."""
    act()
    before = {name: _calls(cache) for name, cache in caches.items()}
    act()
    return {name: _calls(cache) - before[name] for name, cache in caches.items()}


def _calls(cache: Any) -> int:
    info = cache.cache_info()
    return int(info.hits + info.misses)


def _ratio(cache: Any, act: Callable[[], object]) -> float:
    """Return how many times as long the act takes without the cache."""
    best = {True: float("inf"), False: float("inf")}
    for _ in range(TIMES):
        best[True] = min(best[True], _took(act))
        with _without(cache):
            best[False] = min(best[False], _took(act))
    return best[False] / best[True]


def _took(act: Callable[[], object]) -> float:
    gc.collect()
    begun = process_time()
    act()
    return process_time() - begun


@contextmanager
def _without(cache: Any) -> Iterator[None]:
    """Put the bare function in the place of the one that remembers, wherever a module holds it."""
    holders = [
        (vars(module), name)
        for key, module in list(sys.modules.items())
        if key.split(".")[0] == "relay"
        for name, value in vars(module).items()
        if value is cache
    ]
    for names, name in holders:
        names[name] = cache.__wrapped__
    try:
        yield
    finally:
        for names, name in holders:
            names[name] = cache


if __name__ == "__main__":
    main()
