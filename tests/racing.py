"""Races over a real web server of several processes: many clients that let go in the same instant."""

import http.client
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pyotp
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from relay import config, create_app
from relay.bulk import runs
from relay.bulk.actions import AddTag
from relay.candidates import tags
from relay.extensions import begin_writing, db
from relay.infra import vault
from relay.models import Actor, Candidate, CandidateTag, Event, EventTag, RateCount, User, act_as, scopes
from tests.cast import PASSWORD, Cast, make_candidate, make_cast
from tests.installation import Installation, installation

PROCESSES = 3
SIGN_INS, CODES, EDITS = 24, 16, 28


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    location: str
    text: str

    @property
    def let_in(self) -> bool:
        """Whether somebody stands in the house now."""
        return self.status in (302, 303) and not self.location.startswith("/login")


@dataclass
class Client:
    """One browser: its cookie, and the CSRF value of the page it saw last."""

    port: int
    cookie: str = ""
    csrf: str = ""

    def get(self, path: str) -> Answer:
        """Look at a page, and keep what its forms need."""
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode({"csrf_token": self.csrf} | fields))

    def twin(self) -> "Client":
        """The same browser once more."""
        return Client(self.port, self.cookie, self.csrf)

    def sign_in(self, user: User) -> Answer:
        """Through the login page."""
        self.get("/login")
        return self.post("/login", email=user.email, password=PASSWORD)

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        if kept := answer.getheader("Set-Cookie"):
            self.cookie = kept.split(";", 1)[0]
        if found := re.search(r'name="csrf_token"[^>]* value="([^"]+)"', text):
            self.csrf = found[1]
        connection.close()
        return Answer(answer.status, answer.getheader("Location") or "", text)


@dataclass
class Course:
    """A Relay with several processes, and its database beside them."""

    relay: Installation
    app: Flask
    cast: Cast
    people: list[int]
    edits: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def session(self) -> Session:
        """The test's own session."""
        begin_writing()
        return db.session()

    def client(self) -> Client:
        """A browser that has seen nothing yet."""
        return Client(self.relay.port)

    def editor(self) -> Client:
        """Ada's browser, with a page of the pool open."""
        self._anew()
        client = self.client()
        assert client.sign_in(self.cast.ada).let_in
        client.get("/pool/activity")
        client.get(f"/pool/{self.people[0]}/facts")
        return client

    def sign_ins(self) -> None:
        """Ada signs in from many browsers at once, half of them with a wrong password."""
        self._anew()
        clients = [self.client() for _ in range(SIGN_INS)]
        for client in clients:
            client.get("/login")
        words = [PASSWORD if n % 2 else f"{PASSWORD}{n}" for n in range(SIGN_INS)]
        email = self.cast.ada.email
        answers = at_once([partial(_knock, c, email, word) for c, word in zip(clients, words, strict=True)])
        self._note("sign-ins", answers)
        for word, answer in zip(words, answers, strict=True):
            assert answer.status in {302, 303, 409, 422, 429}, answer.text
            assert not answer.let_in if word != PASSWORD else answer.let_in or answer.status in {409, 429}

    def wrong_passwords(self) -> None:
        """Only wrong ones: as many are counted as were compared, whatever the order."""
        self._anew()
        clients = [self.client() for _ in range(SIGN_INS)]
        for client in clients:
            client.get("/login")
        answers = at_once([partial(_knock, client, self.cast.ada.email, "no") for client in clients])
        self._note("wrong passwords", answers)
        compared = sum(each.status == 422 for each in answers)
        assert {each.status for each in answers} <= {422, 429}
        assert compared >= 5, "the free tries are all compared"
        counted = self.session.scalar(select(func.max(RateCount.count)))
        refused = self._events(EventTag.SIGN_IN_REFUSED)
        self.session.rollback()
        assert (counted, refused) == (compared, compared)

    def codes(self) -> None:
        """Adam shows the same code from many tabs at once: one is let in."""
        self._anew()
        client, adam = self.client(), self.cast.adam
        secret = pyotp.random_base32(32)
        with scopes.everyone(self.session, "test: the second factor"):
            self.session.execute(
                update(User).where(User.id == adam.id).values(totp_secret=vault.seal(secret), totp_last_step=0)
            )
        self.session.commit()
        assert client.sign_in(adam).location.startswith("/login/code")
        client.get("/login/code")
        code, twins = pyotp.TOTP(secret).now(), [client.twin() for _ in range(CODES)]
        answers = at_once([partial(twin.post, "/login/code", code=code) for twin in twins])
        self._note("codes", answers)
        assert sum(each.let_in for each in answers) == 1
        assert all(each.status in {302, 303, 409, 422, 429} for each in answers), Counter(
            each.status for each in answers
        )

    def undo(self, editor: Client) -> None:
        """An act on everybody is taken back while everybody's record is being put right."""
        self.edits += 1
        number = self.edits
        with scopes.company(self.session, self.cast.acme.id):
            act_as(self.session, Actor("user", self.cast.ada.id))
            tag = tags.find_or_make(self.session, f"惜しい{number}", confirmed=True)
            done = runs.do(
                self.session,
                self.cast.acme.id,
                AddTag(tag.id),
                self.people,
                by_user_id=self.cast.ada.id,
            )
            tag_id = tag.id
        self.session.commit()
        undoing = partial(editor.twin().post, f"/pool/activity/{done.entry_id}/undo")
        editing = [partial(_rename, editor.twin(), person, f"花子{number}") for person in self.people]
        answers = at_once([*editing[:14], undoing, *editing[14:]])
        self._note("undo", answers)
        assert {each.status for each in answers} <= {302, 303, 409}
        with scopes.company(self.session, self.cast.acme.id):
            left = self.session.scalar(
                select(func.count()).select_from(CandidateTag).where(CandidateTag.tag_id == tag_id)
            )
            named = self.session.scalar(
                select(func.count()).select_from(Candidate).where(Candidate.name == f"花子{number}")
            )
        self.session.rollback()
        assert left in (0, len(self.people)), "the act is taken back for everybody or for nobody"
        saved = [each for at, each in enumerate(answers) if at != 14 and each.status != 409]
        assert (named or 0) == len(saved), "whoever was told that it is saved finds it so, and nobody else"

    def _anew(self) -> None:
        self.session.execute(delete(RateCount))
        self.session.commit()
        self._before = self._events(EventTag.SIGN_IN_REFUSED, since=0)

    def _events(self, tag: EventTag, since: int | None = None) -> int:
        count = self.session.scalar(select(func.count()).select_from(Event).where(Event.tag == tag.value)) or 0
        self.session.rollback()
        return count - (self._before if since is None else since)

    def _note(self, what: str, answers: Sequence[Answer]) -> None:
        for answer in answers:
            self.seen[f"{what} {answer.status}"] += 1


@contextmanager
def course(folder: Path, *, database_url: str = "") -> Iterator[Course]:
    """The cast and 28 people in a Relay of several processes."""
    with installation(folder, database_url=database_url) as relay:
        app = create_app(config.load(relay.environment))
        with app.app_context():
            begin_writing()
            session = db.session()
            cast = make_cast(session)
            people = [make_candidate(session, cast.acme, f"高橋 {n}", email="").id for n in range(EDITS)]
            session.commit()
            session.expunge_all()  # the threads of a race only read names and ids
            relay.serve(processes=PROCESSES)
            try:
                yield Course(relay, app, cast, people)
            finally:
                db.session.remove()
                db.engine.dispose()


def _knock(client: Client, email: str, password: str) -> Answer:
    return client.post("/login", email=email, password=password)


def _rename(client: Client, person: int, name: str) -> Answer:
    return client.post(f"/pool/{person}/facts", name=name, reapply="")


def at_once(acts: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Let all go together and collect their answers in the same order."""
    answers: list[Answer | None] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int) -> None:
        start.wait()
        answers[place] = acts[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers), "every request was answered"
    return [each for each in answers if each]
