"""`python -m tests.bench.tricks`: what each trick of speed is worth, by doing without it.

Every function of Relay that remembers its answers is found by itself, and done without in the act that asks it most;
the other tricks are named in `others`. With and without take turns; a line shows how many times as long the act takes
without, in processor time, the best of several. A trick that is worth nothing goes; the comment beside one that stays
names its act (`# tricks: record`) or says what else it is for (tests/conventions/test_tricks.py).
"""

import gc
import sys
from collections import ChainMap
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from time import process_time
from typing import Any

from click.testing import CliRunner
from flask import Flask
from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import SpokenWords, clock
from relay.candidates.duplicates import matching
from relay.cli import imports
from relay.cli import main as commands
from relay.extensions import db
from relay.folding import FoldedWords
from relay.indexing import search_rows
from relay.models import Candidate, prepared, scopes
from relay.models.prepared import Prepared
from tests.bench import build, importing, measure, pages, sets
from tests.bench.duplicates.copies import pool
from tests.bench.duplicates.measure import searched

PEOPLE = 1_000
ROWS = 3_000
COPIES = 2_000
TIMES = 7
NOISE = 0.02
"""How much of an act two measurements of the same may differ by."""

REMEMBERING = type(cache(lambda: None))
"""What `functools.cache` and `functools.lru_cache` make of a function."""

Acts = dict[str, Callable[[], object]]
Without = Callable[[], AbstractContextManager[None]]


def main() -> None:
    """Print a line for each cache: the act that asks it most, how often, and what the act takes without it."""
    kept = sets.kept("sqlite", PEOPLE, "", lambda _line: None)
    app = kept.app()
    with clock.at(kept.now), _acts(kept, app) as acts:
        caches = dict(_caches())
        asked = {name: _asked(caches, act) for name, act in acts.items()}
        print(f"{'asked':>8} {'without':>8}   cache, and the act that asks it most")  # noqa: T201
        for name, (act, without) in others(app.jinja_env).items():
            print(f"{'':8} {_ratio(without, acts[act]):8.2f}   {name} ({act})", flush=True)  # noqa: T201
        for name in sorted(caches):
            act = max(acts, key=lambda each: asked[each][name])
            count = asked[act][name]
            ratio = _ratio(partial(_forgetting, caches[name]), acts[act]) if count else 1.0
            said = "not asked" if not count else "worth nothing" if ratio < 1 + NOISE else ""
            print(f"{count:8,} {ratio:8.2f}   {name} ({act}){f': {said}' if said else ''}", flush=True)  # noqa: T201


@contextmanager
def _acts(kept: sets.Kept, app: Flask) -> Iterator[Acts]:
    """Yield what is done to measure, by name: pages, an import without its writing, the search for duplicates."""
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
    acts["indexing"] = partial(_index, app)
    yield acts
    sheet.unlink()


def _index(app: Flask) -> None:
    """Write the search rows of everybody in the set anew, and take it back."""
    with app.app_context():
        session = db.session()
        with scopes.company(session, 1):
            search_rows.index(session, session.scalars(select(Candidate.id)).all())
            search_rows.write_marked(session)
            session.rollback()


def _caches() -> Iterator[tuple[str, Any]]:
    """Yield every function of Relay that remembers, by module and name."""
    for module in [module for name, module in sorted(sys.modules.items()) if name.split(".")[0] == "relay"]:
        for name, value in vars(module).items():
            if isinstance(value, REMEMBERING) and value.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", value


def _asked(caches: dict[str, Any], act: Callable[[], object]) -> dict[str, int]:
    """Return how often the act asks each cache, once it is warm."""
    act()
    before = {name: _calls(each) for name, each in caches.items()}
    act()
    return {name: _calls(each) - before[name] for name, each in caches.items()}


def _calls(remembering: Any) -> int:
    info = remembering.cache_info()
    return int(info.hits + info.misses)


def _ratio(without: Without, act: Callable[[], object]) -> float:
    """Return how many times as long the act takes without the trick."""
    best = {True: float("inf"), False: float("inf")}
    for _ in range(TIMES):
        best[True] = min(best[True], _took(act))
        with without():
            best[False] = min(best[False], _took(act))
    return best[False] / best[True]


def _took(act: Callable[[], object]) -> float:
    gc.collect()
    begun = process_time()
    act()
    return process_time() - begun


@contextmanager
def _forgetting(remembering: Any) -> Iterator[None]:
    """Put the bare function in the place of the one that remembers, wherever a module holds it."""
    holders = [
        (vars(module), name)
        for key, module in list(sys.modules.items())
        if key.split(".")[0] == "relay"
        for name, value in vars(module).items()
        if value is remembering
    ]
    for names, name in holders:
        names[name] = remembering.__wrapped__
    try:
        yield
    finally:
        for names, name in holders:
            names[name] = remembering


@contextmanager
def _instead(holder: MutableMapping[str, Any], name: str, plain: Any) -> Iterator[None]:
    trick, holder[name] = holder[name], plain
    try:
        yield
    finally:
        holder[name] = trick


@contextmanager
def _by_the_orm() -> Iterator[None]:
    """Run prepared reads as any other statement that is kept."""

    def plain(self: Prepared[Any], session: Session, **values: Any) -> list[Any]:
        return [self._make(*row) for row in session.execute(self.statement, values)]

    trick, Prepared.all = Prepared.all, plain  # type: ignore[method-assign]
    try:
        yield
    finally:
        Prepared.all = trick  # type: ignore[method-assign]


@contextmanager
def _as_parameters() -> Iterator[None]:
    """Give words of closed lists to prepared reads as parameters."""
    reads = {each: each._written_out for each in prepared._READS.values()}
    for each in reads:
        each._written_out = each.statement
        each._forms.clear()
    try:
        yield
    finally:
        for each, written_out in reads.items():
            each._written_out = written_out
            each._forms.clear()


@contextmanager
def _globals_of_their_own(templates: Environment) -> Iterator[None]:
    """Let each template have a map of globals over the common one."""
    loaded = list(templates.cache.values()) if templates.cache else []
    for each in loaded:
        each.globals = ChainMap({}, templates.globals)
    try:
        yield
    finally:
        for each in loaded:
            each.globals = templates.globals


@contextmanager
def _unfolded(templates: Environment) -> Iterator[None]:
    """Let templates say their lone sentences when they are drawn."""
    folding = templates.extensions.pop(FoldedWords.identifier)
    assert templates.cache is not None
    templates.cache.clear()
    try:
        yield
    finally:
        templates.extensions[FoldedWords.identifier] = folding
        templates.cache.clear()


@contextmanager
def _asking_for_the_language() -> Iterator[None]:
    """Look the language up at every sentence, as Flask-Babel does."""
    trick = SpokenWords.get_translations
    del SpokenWords.get_translations
    try:
        yield
    finally:
        SpokenWords.get_translations = trick  # type: ignore[method-assign]


def others(templates: Environment) -> dict[str, tuple[str, Without]]:
    """Return what is no cache of a function: its place, the act it is for, and how to do without."""
    words = templates.globals
    return {
        "relay.create_app: `_` of templates": ("pool, first page", partial(_instead, words, "_", words["gettext"])),
        "relay.PageTemplates: one map of globals": (
            "pool, first page",
            partial(_globals_of_their_own, templates),
        ),
        "relay.folding: lone sentences": ("portal.template_new", partial(_unfolded, templates)),
        "relay.SpokenWords: words of one language a request": ("pool, first page", _asking_for_the_language),
        "relay.candidates.duplicates.matching: no collector": (
            "duplicates",
            partial(_instead, vars(matching), "without_collecting", nullcontext),
        ),
        "relay.cli.imports: no collector": (
            "import",
            partial(_instead, vars(imports), "_nothing_collected", nullcontext),
        ),
        "relay.models.prepared: compiled once, run on the driver": ("home", _by_the_orm),
        "relay.models.prepared: words of closed lists written out": ("home", _as_parameters),
        "relay.models.scopes: models and conditions of kept statements": (
            "record",
            partial(_instead, vars(scopes), "_scoped_models", scopes._look_for_scoped_models),
        ),
    }


if __name__ == "__main__":
    main()
