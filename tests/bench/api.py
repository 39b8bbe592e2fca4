"""`python -m tests.bench.api 1000 …`: what requests of the API cost, and how many people come in a second.

The reads are whole requests in one process, of the kept sets. People are written into a copy, by one client with one
connection to `relay serve`; a key may ask 600 times a minute, so many people come by the hundred.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from time import perf_counter
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from relay.access import rate_limits
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.extensions import db
from relay.models import Candidate, Position, User, scopes
from tests.bench import build, sets
from tests.bench.serving import FORWARDED, served
from tests.bench.sets import BASE_URL, Kept

READ_WITHIN, LIST_WITHIN, PEOPLE_A_SECOND = 5.0, 10.0, 400
TIMES, WARM = 15, 5
BATCH, BATCHES, SINGLE = 100, 5, 100
LISTS = ("/candidates?limit=100", "/applications?limit=100", "/positions?limit=100", "/credits?limit=100")
READS = ("/key", "/candidates/{candidate}", "/positions/{position}", "/credits?limit=1")
Ask = Callable[..., Any]


def main() -> None:
    """Print a table for each number of people."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("people", type=int, nargs="*", default=[1_000])
    rate_limits.REQUESTS_PER_KEY = 10**9
    for people in options.parse_args().people:
        kept = sets.kept("sqlite", people, "", print)
        print(f"\n{people:,} people\n{'ms':>8}   request")  # noqa: T201
        for path, took in _reads(kept):
            over = "" if took <= (LIST_WITHIN if path in LISTS else READ_WITHIN) else "   over"
            print(f"{took:8.1f}   GET {path}{over}", flush=True)  # noqa: T201
        with sets.copy(kept, "") as copy:
            for name, each in _written(copy):
                over = "   under" if str(BATCH) in name and each < PEOPLE_A_SECOND else ""
                print(f"{each:8.0f}   people a second, {name}{over}", flush=True)  # noqa: T201


def _reads(kept: Kept) -> Iterator[tuple[str, float]]:
    app = kept.app()
    ask = _program(app)
    company_id = _company(app)
    with app.app_context(), scopes.company(db.session(), company_id):
        session = db.session()
        filled = {
            "candidate": session.scalar(select(Candidate.id).order_by(Candidate.id.desc()).limit(1)),
            "position": session.scalar(select(Position.id).order_by(Position.id).limit(1)),
        }
    for path in (*LISTS, *READS):
        took = [_timed(lambda: ask("GET", path.format(**filled))) for _each in range(WARM + TIMES)]  # noqa: B023
        yield path, min(took[WARM:]) * 1000
    with app.app_context():
        db.engine.dispose()


def _written(kept: Kept) -> Iterator[tuple[str, float]]:
    """New people one by one and by the hundred, then the same people once more."""
    app, number = kept.app(), itertools.count()
    key = _key(app)
    alone = [_person(next(number)) for _each in range(SINGLE)]
    many = [[_person(next(number)) for _each in range(BATCH)] for _batch in range(BATCHES)]
    with app.app_context():
        db.engine.dispose()
    with served(kept, workers=1) as server:
        for name in ("new", "the same"):
            took = sum(_put(server.connection, key, f"/candidates/{known}", facts) for known, facts in alone)
            yield f"{name}, one a request", SINGLE / took
            batches = [{"candidates": [facts | {"external_id": known} for known, facts in batch]} for batch in many]
            took = sum(_put(server.connection, key, "/candidates", batch) for batch in batches)
            yield f"{name}, {BATCH} a request", BATCH * BATCHES / took


def _put(connection: HTTPConnection, key: str, path: str, facts: dict[str, Any]) -> float:
    """Seconds until the answer to the last byte."""
    headers = FORWARDED | {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    begun = perf_counter()
    connection.request("PUT", f"/api/v1{path}", json.dumps(facts | {"basis": "consented"}), headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status < 300, (path, answer.status, text[:300])
    return perf_counter() - begun


def _person(number: int) -> tuple[str, dict[str, Any]]:
    known = {"name": f"送信 {number}子", "email": f"sent-{number}@mail.example"}
    return f"ats-{number}", known | {"position": "経理", "result": "rejected"}


def _company(app: Flask) -> int:
    with app.app_context(), scopes.everyone(db.session(), "bench: whose pages are measured"):
        session = db.session()
        whose = session.scalar(select(User.company_id).where(User.id == build.ada(session)))
        return scopes.required(whose)


def _program(app: Flask) -> Ask:
    """Return a program with a key for everything its company may."""
    made = _key(app)
    client: FlaskClient = app.test_client(use_cookies=False)

    def ask(method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {made}"}
        answer = client.open(f"/api/v1{path}", method=method, base_url=BASE_URL, headers=headers, **more)
        assert answer.status_code < 300, f"{method} {path}: {answer.status} {answer.text[:300]}"
        return answer

    return ask


def _key(app: Flask) -> str:
    """Make the key, the only one that its company has."""
    with app.app_context(), scopes.everyone(db.session(), "bench: a key"):
        session = db.session()
        ada = session.scalars(select(User).where(User.id == build.ada(session))).one()
        owner = KeyOwner(company_id=scopes.required(ada.company_id))
        for key in keys.living(session, owner):
            keys.revoke(session, owner, key.id, by_user_id=ada.id)
        made = keys.make(session, owner, "bench", owner.choices(), by_user_id=ada.id, expires_on=None, live=True)
        session.commit()
        return made


def _timed(ask: Callable[[], Any]) -> float:
    begun = perf_counter()
    ask()
    return perf_counter() - begun


if __name__ == "__main__":
    main()
