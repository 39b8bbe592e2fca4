"""Whether the time of an answer tells who somebody is: pages that take an address, asked by several kinds in turn.

The medians of a thousand requests each lie within WITHIN milliseconds, or the command ends with 1.
"""

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from flask import Flask
from sqlalchemy.orm import Session

from relay import clock, create_app, migrations
from relay.access import rate_limits
from relay.access.csrf import link_csrf
from relay.extensions import db
from relay.infra import jobs
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import ApplicationResult, MailClass
from relay.network import own_pages
from tests.bench import sets
from tests.cast import make_application, make_candidate, make_cast
from tests.conftest import fresh_postgresql, make_settings
from tests.db.network.build import mailed_link, register

REQUESTS = 1_000
WITHIN = 5.0
ADDRESSES = {
    "known": "known@mail.example",
    "registered": "registered@mail.example",
    "opted out": "stopped@mail.example",
    "wrote today": "today@mail.example",
    "unknown": "nobody@mail.example",
}


def main() -> None:
    """Measure on both databases."""
    apart = _measured("sqlite", "")
    with sets.postgresql() as server, fresh_postgresql(server, "relay_answers") as url:
        apart += _measured("postgresql", url)
    sys.exit(max(apart) > WITHIN)


def _measured(kind: str, url: str) -> list[float]:
    with TemporaryDirectory() as folder:
        app = create_app(make_settings(Path(folder), **({"database_url": url} if url else {})))
        with app.app_context():
            migrations.upgrade(db.engine)
            paths = _pages(db.session())
            apart = [_told(kind, path, _medians(app, path, kinds)) for path, kinds in paths.items()]
            db.session.remove()
            db.engine.dispose()
    return apart


def _told(kind: str, path: str, medians: dict[str, float]) -> float:
    apart = max(medians.values()) - min(medians.values())
    told = ", ".join(f"{name} {value:.2f}" for name, value in medians.items())
    print(f"{kind:>12}  {path}, median of {REQUESTS:,}: {told} ms; {apart:.2f} ms apart")  # noqa: T201
    return apart


def _pages(session: Session) -> dict[str, tuple[str, ...]]:
    """Make a company that knows one of the addresses, was told by another to stop, and wrote to a third today.

    Return each page with the kinds of addresses that it must not tell apart.
    """
    cast = make_cast(session)
    candidate = make_candidate(session, cast.acme, "高橋 花子", email=ADDRESSES["known"])
    make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())
    register(session, mailed_link(session, cast.acme, ADDRESSES["registered"]), cast.tsumugi)
    optouts.opt_out(session, cast.acme.id, address_hash(ADDRESSES["opted out"]), MailClass.RELAY, "page")
    session.commit()
    return {
        f"/careers/{cast.acme.slug}/relay": ("known", "opted out", "wrote today", "unknown"),
        "/me": ("registered", "unknown"),
        "/data-request": ("known", "registered", "wrote today", "unknown"),
    }


def _medians(app: Flask, path: str, kinds: tuple[str, ...]) -> dict[str, float]:
    rate_limits.POSTS_PER_ADDRESS = own_pages.MAX_A_DAY = REQUESTS * len(ADDRESSES) * 4
    client, form = app.test_client(), {"link_csrf": link_csrf("")}
    client.post(path, data=form | {"address": ADDRESSES["wrote today"]})
    while jobs.run_one(db.session(), clock.now()):
        pass
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _round in range(REQUESTS):
        for name in kinds:
            begun = perf_counter()
            answer = client.post(path, data=form | {"address": ADDRESSES[name]})
            times[name].append((perf_counter() - begun) * 1000)
            assert answer.status_code == 303, answer.status
    return {name: median(each) for name, each in times.items()}


if __name__ == "__main__":
    main()
