"""What the first twenty who fit a position cost: the whole request, in a company of all the people of the set."""

from dataclasses import dataclass
from datetime import date
from time import perf_counter, process_time

from sqlalchemy import update

from relay import clock
from relay.extensions import db
from relay.models import Company
from tests.bench import build, measure
from tests.bench.sets import BASE_URL, Kept

WITHIN = 1.0
"""Seconds a request may take with 100,000 people; on a machine with others, read the processor's time."""
POSITIONS = (1, 3, 4, 8, 13)
"""Of Acme: with many who share a word, and with hardly anybody."""
TIMES = 3


@dataclass(frozen=True)
class Fitted:
    """The best seconds of the slowest position."""

    seconds: float
    processor: float
    """Of the web server's process; what PostgreSQL does in its own is in `seconds` alone."""


def fitted(kept: Kept, *, with_records: bool = False) -> Fitted:
    """Open the pages of some positions; with the selection records of everybody, or of nobody (A-42)."""
    app = kept.app()
    with clock.at(kept.now):
        with app.app_context():
            session, engine = db.session(), db.engine
            since = date(2000, 1, 1) if with_records else None
            session.execute(update(Company).values(record_use_since=since))
            client = measure.signed_in(app, session, build.adam(session))
        found: list[Fitted] = []
        for number in POSITIONS:
            took = []
            for _ in range(TIMES):
                begun, worked = perf_counter(), process_time()
                answer = client.get(f"/positions/{number}/fits", base_url=BASE_URL)
                took.append((perf_counter() - begun, process_time() - worked))
                assert answer.status_code == 200, answer.status
            found.append(Fitted(min(each for each, _ in took), min(each for _, each in took)))
        engine.dispose()
    return Fitted(max(each.seconds for each in found), max(each.processor for each in found))
