"""`python -m tests.bench.partner 100000 …`: a partner with so many people, and what the pages of its desk cost.

Each line is a whole request on SQLite; the milliseconds of the processor count where others use the machine, too.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

from flask import Flask
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from relay import clock, create_app, migrations
from relay.extensions import db
from relay.models import PartnerPerson, Profile, Referral, WorkState, scopes
from relay.worker import upkeep
from tests.bench import build, measure
from tests.bench.people import somebody
from tests.bench.relayed import registered
from tests.bench.rows import in_order
from tests.bench.sets import BASE_URL
from tests.bench.world import Rows
from tests.conftest import make_settings

WITHIN = 15.0
"""Milliseconds a request may take, with 100,000 people as with 1,000,000."""
TIMES, WARM, AT_ONCE = 7, 3, 2_000
IN_WORK = 997
"""Every so-manieth person is in work: a state that few have."""
HTMX = "htmx:"
"""Before an address: only its fragment is asked for."""
PAGES = {
    "list": "/agency/people",
    "search, a name": "/agency/people?q=中川 莉子",
    "search, a telephone number": "/agency/people?q={phone}",
    "search, a common word": "/agency/people?q=営業",
    "search, role and place": "/agency/people?role=経理&place=松本",
    "filter, a state most have": "/agency/people?state=new",
    "filter, a state few have": "/agency/people?state=contacted",
    "filter, opened by nobody": "/agency/people?unopened=1",
    "filter, a company": "/agency/people?company=1",
    "filter, new": "/agency/people?new=1",
    "sort, role": "/agency/people?order=role",
    "sort, place": "/agency/people?order=place",
    "sort, state": "/agency/people?order=state",
    "next page, a third down": "/agency/people?order=oldest&after={third}",
    "record, with next and previous": "/agency/people/{code}?order=place",
    "record, found by a common word": "/agency/people/{code}?q=営業",
    "list, as htmx asks for it": HTMX + "/agency/people?state=new",
    "about": "/agency",
    "companies": "/agency/companies",
    "ended references": "/agency/ended",
    "records of provision": "/agency/records",
}


def main() -> None:
    """Print a table for each number of people."""
    for people in [int(each) for each in sys.argv[1:]] or [100_000]:
        with tempfile.TemporaryDirectory() as folder:
            app = create_app(
                make_settings(
                    Path(folder), database_url=f"sqlite:///{folder}/partner.db", env="production", base_url=BASE_URL,
                    mail_host="127.0.0.1", mail_sender="relay@bench.example",
                )
            )  # fmt: skip
            with app.app_context():
                migrations.upgrade(db.engine)
                _build(db.engine, people)
                print(f"\n{people:,} people of one partner\n{'ms':>8} {'processor':>9}   page")  # noqa: T201
                for page, best, worked in _measured(app, people):
                    over = "" if worked <= WITHIN else "   over"
                    print(f"{best:8.1f} {worked:9.1f}   {page}{over}", flush=True)  # noqa: T201
                db.session.remove()
                db.engine.dispose()


def _build(engine: Engine, people: int) -> None:
    now = clock.now()
    with Session(engine) as session:
        world = build.houses(session, now)
    link = {"company_id": world.company_id, "candidate_id": None, "id": 1}
    for start in range(1, people + 1, AT_ONCE):
        rows: Rows = defaultdict(list)
        for number in range(start, min(start + AT_ONCE, people + 1)):
            registered(world, rows, link, somebody(world.dice, number), now - timedelta(minutes=people - number))
        rows.pop(Referral)
        with engine.begin() as connection:
            for table, values in in_order(rows):
                connection.execute(insert(table), values)
    with Session(engine) as session, scopes.everyone(session, "bench: some are in work"):
        worked = update(PartnerPerson).where(PartnerPerson.id % IN_WORK == 0)
        session.execute(worked.values(work_state=WorkState.CONTACTED, opened_at=now))
        upkeep.refresh_statistics(session)
        session.commit()


def _measured(app: Flask, people: int) -> Iterator[tuple[str, float, float]]:
    session = db.session()
    with scopes.everyone(session, "bench: a person in the middle"):
        middle = select(Profile).where(Profile.id == people // 2)
        person = session.scalars(middle).one()
        third = session.execute(
            select(PartnerPerson.since, PartnerPerson.id).where(PartnerPerson.profile_id == people // 3).limit(1)
        ).one()
    cursor = f"{(third.since - clock.EPOCH) // timedelta(microseconds=1)}-{third.id}"
    filled = {"phone": person.phone, "code": person.code, "third": cursor}
    client = measure.signed_in(app, session, build.agnes(session))
    for name, address in PAGES.items():
        took = []
        for _ in range(WARM + TIMES):
            begun, worked = perf_counter(), process_time()
            htmx = {"HX-Request": "true"} if address.startswith(HTMX) else {}
            there = address.removeprefix(HTMX).format(**filled)
            answer = client.get(there, base_url=BASE_URL, headers=htmx)
            took.append((perf_counter() - begun, process_time() - worked))
            assert answer.status_code == 200, f"{name}: {answer.status}"
        yield name, *(min(each[number] for each in took[WARM:]) * 1000 for number in (0, 1))


if __name__ == "__main__":
    main()
