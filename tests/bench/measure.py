"""Timing a page through the test client, and its floor beside it in the same run."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex
from time import perf_counter
from typing import Any
from urllib.parse import quote

from flask import Flask, before_render_template, template_rendered
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.identity import sessions
from relay.infra import lanes
from relay.infra.lanes import Lane
from relay.models import Candidate, Company, Partner, scopes
from tests.bench import build, floors, memory, pages, plans
from tests.bench.floors import Ask, Place
from tests.bench.pages import Page
from tests.bench.sets import BASE_URL, Kept

WARM, TIMES = 5, 30
QUERIES = 7
"""Five for a page of the pool, two for session and shell."""


@dataclass(frozen=True)
class Measured:
    """One page of one set, in milliseconds."""

    page: str
    whole: float
    floor: float | None
    in_sql: float
    in_template: float
    queries: int
    kilobytes: float
    walked: tuple[str, ...] = ()
    """Tables that grow with the people and are walked as a whole by one of its statements."""
    plans: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        """How often the floor fits into the page; None where no floor is known."""
        return self.whole / self.floor if self.floor else None


def measured(kept: Kept) -> Iterator[Measured]:
    """Every page of a set, one after the other."""
    app = kept.app()
    app.config["WTF_CSRF_ENABLED"] = False
    with clock.at(kept.now):
        with app.app_context():
            session, engine = db.session(), db.engine
            where = place(session, kept)
            member = signed_in(app, session, build.adam(session))
            agent = signed_in(app, session, build.agnes(session))
            found = pages.every(app, session, where)
        ask, stop = floors.driver(kept)
        gc.collect()
        gc.freeze()  # what is there already needs no look between pages
        try:
            for page in found:
                bench = _Bench(app, engine, agent if page.agent else member)
                yield _measure(bench, page, ask, where)
        finally:
            stop()
            engine.dispose()


def memory_of_two_workers(kept: Kept) -> float:
    """MiB that two workers of the server hold after a thousand pages."""
    app = kept.app()
    with app.app_context():
        session = db.session()
        cookie = _cookie(app, session, build.ada(session))
        opened = [quote(page.address, safe="/?=&") for page in pages.named(place(session, kept)) if not page.agent]
        db.engine.dispose()
    return memory.two_workers(kept, cookie, opened)


def keep_alive(kept: Kept) -> None:
    """Let the lanes of the worker move for the time of a measurement, as they do wherever Relay runs."""
    app = kept.app()
    with app.app_context(), clock.at(clock.now() + timedelta(days=1)):
        lanes.beat(db.session(), Lane)
        db.session.commit()
        db.engine.dispose()


def addresses(kept: Kept) -> list[tuple[Page, str]]:
    """Every page of a set, with the cookie of who opens it at a server over the set."""
    app = kept.app()
    with app.app_context():
        session = db.session()
        member, agent = (_cookie(app, session, each(session)) for each in (build.adam, build.agnes))
        found = pages.every(app, session, place(session, kept))
        session.rollback()
        db.engine.dispose()
    return [(page, agent if page.agent else member) for page in found]


def _cookie(app: Flask, session: Session, user_id: int) -> str:
    """Sign the user in by today's clock, which a server goes by whenever the set was built."""
    token = sessions.start(session, user_id, ip="127.0.0.1", agent="bench")
    session.commit()
    signer = app.session_interface.get_signing_serializer(app)
    assert signer is not None
    # as a browser has it that opened a page before: the first one puts the value of forms beside the login
    kept = {"_user_id": token, "_fresh": True, "csrf_token": token_hex(20)}
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(kept)}"


@dataclass(frozen=True)
class _Bench:
    """What a page is opened in. No application context is open around it: pages would share what they keep in it."""

    app: Flask
    engine: Engine
    client: FlaskClient


def place(session: Session, kept: Kept) -> Place:
    """Return where in the set the pages look."""
    company_id = session.scalars(select(Company.id).where(Company.slug == "acme")).one()
    partner_id = session.scalars(select(Partner.id).where(Partner.slug == "tsumugi")).one()
    with scopes.company(session, company_id):
        newest = session.scalars(select(Candidate.id).order_by(Candidate.id.desc()).limit(20)).all()
    return Place(kept.kind, company_id, partner_id, newest, max(newest[0] // 10, 60), kept.now)


def signed_in(app: Flask, session: Session, user_id: int, *, base_url: str = BASE_URL) -> FlaskClient:
    """A browser in which this user is signed in: no password is hashed while pages are measured."""
    token = sessions.start(session, user_id, ip="127.0.0.1", agent="bench")
    session.commit()
    client = app.test_client()
    with client.session_transaction(base_url=base_url) as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def _measure(bench: _Bench, page: Page, ask: Ask, place: Place) -> Measured:
    def open_page() -> Any:
        answer = bench.client.get(page.address, base_url=BASE_URL)
        assert answer.status_code < 400, f"{page.address}: {answer.status}"
        return answer

    size = len(open_page().data) / 1024
    ask_alone = page.floor
    acts = [open_page, *([lambda: floors.written(ask_alone(ask, place))] if ask_alone else [])]
    whole, *floor = _best(*acts)
    parts = [_parts(bench, open_page) for _ in range(WARM)]
    explained = plans.explained(bench.engine, parts[-1].said)
    return Measured(
        page=page.name,
        whole=whole,
        floor=next(iter(floor), None),
        in_sql=min(part.sql for part in parts),
        in_template=min(part.template for part in parts),
        queries=parts[-1].queries,
        kilobytes=size,
        walked=plans.walked(explained),
        plans=explained,
    )


def _best(*acts: Callable[[], Any]) -> tuple[float, ...]:
    """The best milliseconds of each act: on a machine with others, the least disturbed moment says most."""
    for _ in range(WARM):
        for recorder in acts:
            recorder()
    took: list[list[float]] = [[] for _ in acts]
    gc.collect()
    for _ in range(TIMES):
        for place, recorder in enumerate(acts):
            begun = perf_counter()
            recorder()
            took[place].append((perf_counter() - begun) * 1000)
    return tuple(map(min, took))


@dataclass
class _Parts:
    """Where the time of one request went."""

    sql: float = 0.0
    template: float = 0.0
    queries: int = 0
    said: list[tuple[str, Any]] = field(default_factory=list)


def _parts(bench: _Bench, open_page: Callable[[], Any]) -> _Parts:
    parts = _Parts()
    with _listening(bench, parts):
        open_page()
    return parts


@contextmanager
def _listening(bench: _Bench, parts: _Parts) -> Iterator[None]:
    begun: dict[str, float] = {}

    def before(*_rest: Any) -> None:
        begun["sql"] = perf_counter()

    def after(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        parts.sql += (perf_counter() - begun["sql"]) * 1000
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            parts.queries += 1
            parts.said.append((statement, values))

    def template_begins(_app: Flask, **_rest: Any) -> None:
        begun["template"] = perf_counter()

    def template_ends(_app: Flask, **_rest: Any) -> None:
        parts.template += (perf_counter() - begun["template"]) * 1000

    event.listen(bench.engine, "before_cursor_execute", before)
    event.listen(bench.engine, "after_cursor_execute", after)
    try:
        with (
            before_render_template.connected_to(template_begins, bench.app),
            template_rendered.connected_to(template_ends, bench.app),
        ):
            yield
    finally:
        event.remove(bench.engine, "before_cursor_execute", before)
        event.remove(bench.engine, "after_cursor_execute", after)
