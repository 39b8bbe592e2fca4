"""`python -m tests.bench.partner 100000 …`: a partner with so many people, and what the pages of its desk cost.

Each line is a whole request; the milliseconds of the processor count where others use the machine, too. On SQLite the
people are built once and kept beside the other sets. With `--postgresql` on PostgreSQL, whose own work is counted with
Relay's.
"""

import argparse
import inspect
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, insert, select, text, update
from sqlalchemy.orm import Session

from relay import clock, create_app, migrations
from relay.extensions import db
from relay.models import PartnerPerson, Profile, Referral, WorkState, scopes
from relay.worker import upkeep
from tests.bench import build, measure, sets
from tests.bench.people import somebody
from tests.bench.relayed import registered
from tests.bench.rows import in_order
from tests.bench.sets import BASE_URL
from tests.bench.world import Rows
from tests.conftest import fresh_postgresql, make_settings

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
    "search, a name in letters": "/agency/people?q=nakagawa",
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
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("people", type=int, nargs="*", default=[100_000])
    options.add_argument("--postgresql", action="store_true")
    asked = options.parse_args()
    for people in asked.people:
        if not asked.postgresql:
            folder = _kept(people)
            _print_table(folder, f"sqlite:///{folder}/partner.db", people)
            continue
        with (
            tempfile.TemporaryDirectory() as name,
            sets.postgresql() as server,
            fresh_postgresql(server, "bench_partner") as url,
        ):
            _print_table(Path(name), url, people)


def _kept(people: int) -> Path:
    """Return the folder of so many people, emptied where they would be built otherwise today."""
    folder = sets.FOLDER / f"partner-{people}"
    folder.mkdir(parents=True, exist_ok=True)
    if not (stamp := folder / "stamp").exists() or stamp.read_text() != _made_by():
        for file in folder.glob("partner.db*"):
            file.unlink()
        stamp.unlink(missing_ok=True)
    return folder


def _made_by() -> str:
    """Return the hash of what decides who the people are; newer revisions are run on them."""
    return sha256((sets.fingerprint([]) + inspect.getsource(_build)).encode()).hexdigest()


def _print_table(folder: Path, url: str, people: int) -> None:
    app = create_app(
        make_settings(
            folder, database_url=url, env="production", base_url=BASE_URL,
            mail_host="127.0.0.1", mail_sender="relay@bench.example",
        )
    )  # fmt: skip
    with app.app_context():
        engine = db.engine
        worked = _processor(engine)
        migrations.upgrade(engine)
        if not (stamp := folder / "stamp").exists():
            _build(engine, people)
            stamp.write_text(_made_by())
        pages, client = _pages(app, people)
    print(f"\n{people:,} people of one partner\n{'ms':>8} {'processor':>9}   page")  # noqa: T201
    for name, address in pages.items():
        best, processor = _measured(client, address, worked)
        over = "" if processor <= WITHIN else "   over"
        print(f"{best:8.1f} {processor:9.1f}   {name}{over}", flush=True)  # noqa: T201
    engine.dispose()


def _processor(engine: Engine) -> Callable[[], float]:
    """Return what tells the seconds that the processor worked: for this process, and for its servers of PostgreSQL."""
    servers: list[Path] = []

    def note(connection: Any, _record: Any) -> None:
        servers.append(Path(f"/proc/{connection.info.backend_pid}/schedstat"))

    def worked() -> float:
        there = [each.read_text().split()[0] for each in servers if each.exists()]
        return process_time() + sum(map(int, there)) / 1e9

    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", note)
    return worked


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
    with engine.begin() as connection:
        build.go_on_counting(connection)
    with Session(engine) as session, scopes.everyone(session, "bench: some are in work"):
        worked = update(PartnerPerson).where(PartnerPerson.id % IN_WORK == 0)
        session.execute(worked.values(work_state=WorkState.CONTACTED, opened_at=now))
        upkeep.refresh_statistics(session)
        if engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
        session.commit()


def _pages(app: Flask, people: int) -> tuple[dict[str, str], FlaskClient]:
    """Return the addresses by name, and a browser in which an agent is signed in."""
    session = db.session()
    with scopes.everyone(session, "bench: a person in the middle"):
        middle = select(Profile).where(Profile.id == people // 2)
        person = session.scalars(middle).one()
        third = session.execute(
            select(PartnerPerson.since, PartnerPerson.id).where(PartnerPerson.profile_id == people // 3).limit(1)
        ).one()
    cursor = f"{(third.since - clock.EPOCH) // timedelta(microseconds=1)}-{third.id}"
    filled = {"phone": person.phone, "code": person.code, "third": cursor}
    pages = {name: address.format(**filled) for name, address in PAGES.items()}
    return pages, measure.signed_in(app, session, build.agnes(session))


def _measured(client: FlaskClient, address: str, worked: Callable[[], float]) -> tuple[float, float]:
    """Return the best milliseconds of a page, by the clock and of the processor.

    No application context is open around it: pages would share the login and the session that is kept in it.
    """
    took = []
    headers = {"HX-Request": "true"} if address.startswith(HTMX) else {}
    for _ in range(WARM + TIMES):
        begun, before = perf_counter(), worked()
        answer = client.get(address.removeprefix(HTMX), base_url=BASE_URL, headers=headers)
        took.append((perf_counter() - begun, worked() - before))
        assert answer.status_code == 200, f"{address}: {answer.status}"
    by_clock, by_processor = zip(*took[WARM:], strict=True)
    return min(by_clock) * 1000, min(by_processor) * 1000


if __name__ == "__main__":
    main()
