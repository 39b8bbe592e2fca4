"""`python -m tests.bench.writing 1000 …`: what a person entered by hand costs over HTTP, beside an empty route.

One client and one worker of `relay serve` over a copy of a kept set; a person a request, through the form. The empty
route is asked in turns: machines differ, and one differs from itself.
"""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flask.testing import FlaskClient
from sqlalchemy import event

from relay.extensions import db
from tests.bench import build, measure, sets
from tests.bench.http import ROUTE, ROUTE_TAKES
from tests.bench.serving import served
from tests.bench.sets import BASE_URL, Kept

ADDRESS = "/pool/new"
WITHIN = 7.0
"""Milliseconds of the processor a person; the bound was set where the empty route took `ROUTE_TAKES`."""
ENTERED, WARM = 200, 20


class Took(NamedTuple):
    """Milliseconds of the processor, a person and an empty route."""

    person: float
    route: float


def main() -> None:
    """Print a line for each number of people."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("people", type=int, nargs="*", default=[1_000, 100_000])
    for people in options.parse_args().people:
        with sets.copy(sets.kept("sqlite", people, "", print), "") as copy:
            statements, took = _statements(copy), _entered(copy)
        there = took.person / took.route * ROUTE_TAKES
        over = f"   over {WITHIN} ms" if took.person > WITHIN else ""
        print(  # noqa: T201
            f"{took.person:8.2f} ms a person among {people:,}, {took.person / took.route:.1f} × {ROUTE} of "
            f"{took.route:.2f} ms, {there:.2f} ms where that took {ROUTE_TAKES}; {statements} statements{over}"
        )


def _entered(kept: Kept) -> Took:
    cookie = measure.addresses(kept)[0][1]
    person, route = 0.0, 0.0
    with served(kept, workers=1) as server:
        for number in range(WARM + ENTERED):
            typed = _typed(number, server.get(ADDRESS, cookie).decode())
            begun = server.processor()
            server.post(ADDRESS, cookie, typed)
            between = server.processor()
            server.get(ROUTE, "")
            if number >= WARM:
                person, route = person + between - begun, route + server.processor() - between
    return Took(person / ENTERED * 1000, route / ENTERED * 1000)


def _statements(kept: Kept) -> int:
    """Count what one request runs, the second of two: the first makes the position."""
    app = kept.app()
    with app.app_context():
        client = measure.signed_in(app, db.session(), build.adam(db.session()))
        engine = db.engine
        db.session.remove()
    _post(client, WARM + ENTERED)
    page = client.get(ADDRESS, base_url=BASE_URL).text
    with _counted(engine) as run:
        _post(client, WARM + ENTERED + 1, page)
    engine.dispose()
    return len(run)


def _post(client: FlaskClient, number: int, page: str = "") -> None:
    typed = _typed(number, page or client.get(ADDRESS, base_url=BASE_URL).text)
    answer = client.post(ADDRESS, base_url=BASE_URL, data=typed, headers={"Referer": BASE_URL + ADDRESS})
    assert answer.status_code in (302, 303), answer.text[:2000]


@contextmanager
def _counted(engine: object) -> Iterator[list[str]]:
    run: list[str] = []

    def before(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        run.append(statement)

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield run
    finally:
        event.remove(engine, "before_cursor_execute", before)


def _typed(number: int, page: str) -> dict[str, str]:
    """Return the form as it is filled in for one person, with the value of the page it stands on."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:500]
    return {
        "csrf_token": found[1],
        "name": f"入力 {number}子",
        "email": f"entered-{number}@mail.example",
        "position": "経理",
        "basis": "consented",
    }


if __name__ == "__main__":
    main()
