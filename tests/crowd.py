"""A company at work over a real web server: some write about the same twenty people, others read, a worker is killed.

Whatever meets in the database is answered all the same: nobody sees an error, and nobody is refused.
"""

import http.client
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from relay import config, create_app
from relay.extensions import begin_writing, db
from relay.indexing import search_rows
from relay.models import CandidateSearch, Note, scopes
from relay.text import search_body
from tests.cast import Cast, make_application, make_candidate, make_cast
from tests.installation import Installation, installation
from tests.racing import Answer, Client

PEOPLE, WRITERS, READERS, PROCESSES = 20, 8, 8, 2
_SEEN = re.compile(r'name="[^"]*seen"[^>]* value="([^"]*)"')


@dataclass
class Crowd:
    """Everybody of the company, and what each was answered."""

    relay: Installation
    cast: Cast
    people: list[int]
    ends: list[list[int]]
    """For each who writes, applications of these people that nobody else ends."""
    answered: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def work(self, seconds: float, *, kills: int) -> str:
        """Let all of them work for so long, while the worker is killed so often; return what was seen."""
        ada = self._client()
        ada.get("/pool/new")
        jobs: list[Callable[[], None]] = [lambda n=n: self._write(ada.twin(), n) for n in range(WRITERS)]  # type: ignore[misc]
        jobs += [lambda n=n: self._read(ada.twin(), n) for n in range(READERS)]  # type: ignore[misc]
        threads = [threading.Thread(target=self._until_over, args=(job,)) for job in jobs]
        worker = self.relay.start_worker()
        for thread in threads:
            thread.start()
        for _kill in range(kills):
            time.sleep(seconds / (kills + 1))
            assert worker.is_alive(), "the worker had ended by itself"
            worker.kill()
            worker = self.relay.start_worker()
        time.sleep(seconds / (kills + 1))
        self._over.set()
        for thread in threads:
            thread.join(120)
        assert self.refused == []
        assert min(self.answered[act] for act in ("note", "tag", "end", "create", "page")) > 0, self.answered
        return f"{sum(self.answered.values())} requests: {dict(sorted(self.answered.items()))}"

    def assert_everybody_is_found(self) -> None:
        """Each person's search row holds every memo, tag and application that was written about them."""
        session = db.session()
        with scopes.company(session, self.cast.acme.id):
            rows = dict(session.execute(select(CandidateSearch.candidate_id, CandidateSearch.body)).all())
            written = session.execute(select(Note.candidate_id, Note.body)).all()
            for person, body in written:
                missing = set(search_body([body]).split()) - set(rows[person].split())
                assert missing == set(), f"{person} is not found by a memo"
        session.rollback()

    def _client(self) -> Client:
        client = Client(self.relay.port)
        assert client.sign_in(self.cast.ada).let_in
        return client

    def _until_over(self, job: Callable[[], None]) -> None:
        try:
            job()
        except (AssertionError, OSError, http.client.HTTPException) as error:
            self.refused.append(repr(error))

    def _write(self, client: Client, number: int) -> None:
        chance, ends, made = random.Random(number), list(self.ends[number]), 0  # noqa: S311
        while not self._over.is_set():
            person = chance.choice(self.people)
            self._note("note", client.post(f"/pool/{person}/notes", body=f"電話{number}の{made}回目の内容"))
            self._note("tag", client.post(f"/pool/{person}/tags", name=f"組{chance.randrange(30)}"))
            if ends:
                self._end(client, ends.pop())
            name = f"{number}組 {made}子"
            self._note("create", client.post("/pool/new", name=name, basis="stated", who="new", note="面談で聞いた"))
            made += 1

    def _end(self, client: Client, application: int) -> None:
        form = client.get(f"/applications/{application}/progress")
        seen, prefix = _SEEN.search(form.text), f"application-{application}-"
        assert seen is not None, form.text
        told = {f"{prefix}what": "withdrew", f"{prefix}day": "", f"{prefix}seen": seen[1]}
        self._note("end", client.post(f"/applications/{application}/progress", **told))

    def _read(self, client: Client, number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        while not self._over.is_set():
            person = chance.choice(self.people)
            self._note(
                "page", client.get(chance.choice(("/", "/pool", "/pool?q=03", "/applications", f"/pool/{person}")))
            )

    def _note(self, act: str, answer: Answer) -> None:
        self.answered[act] += 1
        if answer.status not in ((200,) if act == "page" else (302, 303)) or answer.location.startswith("/login"):
            self.refused.append(f"{act} {answer.status} {answer.location} {answer.text[:2_000]}")


@contextmanager
def crowd(folder: Path, *, database_url: str = "") -> Iterator[Crowd]:
    """The cast and twenty people, each with an application for every writer, in a Relay of two processes."""
    with (
        installation(folder, database_url=database_url) as relay,
        create_app(config.load(relay.environment)).app_context(),
    ):
        begin_writing()
        session = db.session()
        cast = make_cast(session)
        people = [make_candidate(session, cast.acme, f"高橋 {n}", email="") for n in range(PEOPLE)]
        ends = [[make_application(session, person).id for person in people] for _writer in range(WRITERS)]
        ids = [person.id for person in people]
        with scopes.company(session, cast.acme.id):
            search_rows.index(session, ids)
        session.commit()
        session.expunge_all()
        relay.serve(processes=PROCESSES)
        try:
            yield Crowd(relay, cast, ids, ends)
        finally:
            db.session.remove()
            db.engine.dispose()
