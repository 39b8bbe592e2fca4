"""Every list of the API gives each row once over 100,000 rows, while rows are inserted and erased beside it.

The lists are those of the URL map. Each is read to its end at rest, then again beside a writer, over gunicorn; those of
people and applications are the ones of 100,000 rows, the others as long as such a company's are.
RELAY_LISTED_PEOPLE says how many people.
"""

import http.client
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from relay import clock, config, create_app
from relay.api.description import document
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.extensions import begin_writing, db
from relay.indexing import search_rows
from relay.models import Candidate, Company, Partner, Profile, User, scopes
from relay.network import consents
from relay.rights.requests import ErasureReason, erase_on_request
from tests.bench import build
from tests.cast import make_application, make_candidate
from tests.conftest import DATABASES, fresh_postgresql
from tests.fuzzing.described import uncounted
from tests.installation import Installation, installation

PEOPLE = int(os.environ.get("RELAY_LISTED_PEOPLE", "110000"))
ROWS = PEOPLE * 10 // 11
"""Of a long list at least: the pool leaves some people out, as those who were hired."""
PAUSE = 0.1
"""Seconds between what the writer does: it is no denial of service."""
WALK = "a list is read at rest and beside a writer"
OF_ONE_THING = {"/webhooks/{webhook_id}/messages": "of one address; nobody on this stage has one"}
"""Lists that are behind an id, and why they are left out."""
LONG = {"/candidates", "/applications"}
"""Lists with a row for each person at least."""
ROW = ("id", "number", "code")
"""What tells a row of a list from the others."""


@dataclass
class Writer:
    """Adds people with applications, erases people, and ends what is shared with the agency, again and again."""

    app: Flask
    company_id: int
    agency_id: int
    people: list[int]
    codes: list[str]
    erased: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    failed: list[BaseException] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Inside the block rows come and go."""
        thread = threading.Thread(target=self._write)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join()
            self.over.clear()
        assert not self.failed, self.failed

    def _write(self) -> None:
        with self.app.app_context():
            try:
                while not self.over.wait(PAUSE):
                    self._add()
                    self._erase()
                    self._end()
            except BaseException as failure:
                self.failed.append(failure)
            finally:
                db.session.remove()

    def _add(self) -> None:
        begin_writing()
        session = db.session()
        company = session.scalars(select(Company).where(Company.id == self.company_id)).one()
        person = make_candidate(session, company, f"新規 {len(self.made)}", email=f"new{len(self.made)}@new.example")
        make_application(session, person)
        with scopes.company(session, self.company_id):
            search_rows.index(session, [person.id])
        self.made.add(str(person.id))
        session.commit()

    def _erase(self) -> None:
        begin_writing()
        session, person_id = db.session(), self.people.pop()
        self.erased.add(str(person_id))
        with scopes.company(session, self.company_id):
            erase_on_request(session, self.company_id, person_id, reason=ErasureReason.OTHER, asked_on=None)
        session.commit()

    def _end(self) -> None:
        begin_writing()
        session, code = db.session(), self.codes.pop()
        self.ended.add(code)
        with scopes.everyone(session, WALK):
            profile_id = session.scalars(select(Profile.id).where(Profile.code == code)).one()
        consents.withdraw(session, profile_id, self.agency_id)
        session.commit()


@dataclass
class Reader:
    """Reads lists to their end over one connection, by the key of whoever may."""

    relay: Installation
    keys: dict[bool, str]
    """By whether the list is a partner's."""

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor, headers = "", {"Authorization": f"Bearer {self.keys[path.startswith('/partner/')]}"}
        connection = http.client.HTTPConnection(urlsplit(self.relay.url).netloc, timeout=60)
        while cursor is not None:
            connection.request("GET", f"/api/v1{path}?limit=200&cursor={cursor}", headers=headers)
            answer = connection.getresponse()
            page = json.loads(answer.read())
            assert answer.status == 200, page
            found += page["data"]
            cursor = page["next_cursor"]
        connection.close()
        return found


@pytest.mark.parametrize("database", DATABASES)
def test_every_list_gives_the_same_rows_once(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if database == "sqlite":
        with installation(tmp_path) as relay:
            _each_once(relay)
        return
    with (
        fresh_postgresql(request.getfixturevalue("postgresql"), "relay_listed") as url,
        installation(tmp_path, database_url=url) as relay,
    ):
        _each_once(relay)


def _each_once(relay: Installation) -> None:
    app = create_app(config.load(relay.environment))
    with app.app_context():
        build.build(db.engine, PEOPLE, now=clock.now())
        reader, writer = _ready(app, relay)
        paths = _lists()
        relay.serve(processes=2)
        with uncounted(db.engine):
            for path in paths:
                _is_once(path, reader, writer)
        db.session.remove()
        db.engine.dispose()


def _ready(app: Flask, relay: Installation) -> tuple[Reader, Writer]:
    begin_writing()
    session = db.session()
    with scopes.everyone(session, WALK):
        company = session.scalars(select(Company).where(Company.slug == "acme")).one()
        agency = session.scalars(select(Partner).where(Partner.slug == "tsumugi")).one()
        by = {name: session.scalars(select(User.id).where(User.email == name)).one() for name in _KEEPERS}
        people = session.scalars(select(Candidate.id).where(Candidate.company_id == company.id)).all()
        codes = session.scalars(select(Profile.code)).all()
    owners = (KeyOwner(company_id=company.id), KeyOwner(partner_id=agency.id))
    made = [
        keys.make(session, owner, "一覧", owner.choices(), by_user_id=by[name], expires_on=None, live=False)
        for owner, name in zip(owners, _KEEPERS, strict=True)
    ]
    session.commit()
    return Reader(relay, dict(zip((False, True), made, strict=True))), Writer(
        app, company.id, agency.id, _spread(people), _spread(codes)
    )


_KEEPERS = ("adam@acme.example", "agnes@tsumugi.example")


def _spread(rows: Any) -> list[Any]:
    """The rows in an order that goes up and down all of them: by turns of a stride that meets each once."""
    stride = 7919
    return [rows[place * stride % len(rows)] for place in range(len(rows))] if len(rows) % stride else list(rows)


def _lists() -> list[str]:
    """Every list of the API that goes by a cursor."""
    described = document()["paths"]
    paged = [
        path.removeprefix("/api/v1")
        for path, methods in described.items()
        if any(each.get("name") == "cursor" for each in methods.get("get", {}).get("parameters", ()))
    ]
    assert set(paged) > LONG
    return [path for path in paged if path not in OF_ONE_THING]


def _is_once(path: str, reader: Reader, writer: Writer) -> None:
    before = Counter(_name(row) for row in reader.rows(path))
    assert set(before.values()) <= {1}, f"{path}: {before.most_common(3)}"
    assert path not in LONG or len(before) >= ROWS - len(writer.erased), path
    made, gone = set(writer.made), len(writer.erased)
    with writer.writing():
        rows = reader.rows(path)
    beside = Counter(_name(row) for row in rows)
    assert set(beside.values()) <= {1}, f"{path}: {beside.most_common(3)}"
    lost = before.keys() - beside.keys()
    assert all(_may_go(path, name, writer) for name in lost), f"{path}: passed over {sorted(lost)[:5]}"
    new = beside.keys() - before.keys()
    assert len(new) <= len(writer.made - made), f"{path}: {sorted(new)[:5]} are no rows that were added"
    if path in LONG:
        assert len(writer.erased) - gone > PEOPLE // 10_000, "nobody wrote beside it"
    print(  # noqa: T201
        f"{path}: {len(before):,} rows, {len(beside):,} beside {len(writer.made - made)} added"
        f" and {len(writer.erased) - gone} erased"
    )


def _name(row: dict[str, Any]) -> str:
    person = f"{row['candidate_id']}:" if row.get("candidate_id") else ""
    return person + str(next(row[name] for name in ROW if name in row))


def _may_go(path: str, name: str, writer: Writer) -> bool:
    """Whether this row is of somebody erased, or of a person whose share ended."""
    if path == "/partner/people":
        return name in writer.ended
    person = name if path == "/candidates" else name.partition(":")[0]
    return person in writer.erased and (path == "/candidates" or ":" in name)
