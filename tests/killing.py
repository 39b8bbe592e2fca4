"""Workers that are killed while they send: a Relay with results to tell, and its crew of real processes (invariant 6).

A kill may double what was between the server's answer and the mark, under the same Message-ID; no more. That is one
mail, or several where the server is slow, as it is on a busy machine.
"""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_network
from multiprocessing.process import BaseProcess
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock, config, create_app
from relay.connect.outbound import Outbound
from relay.connect.webhooks import endpoints
from relay.extensions import begin_writing, db
from relay.mail import outbox
from relay.models import (
    Application,
    ApplicationResult,
    Company,
    Event,
    EventDelivery,
    EventTag,
    MailTemplate,
    MailTemplateVersion,
    Message,
    MessageState,
    NotifiedBy,
    WebhookMessage,
    WebhookState,
    event_data,
    record,
    scopes,
)
from tests import forked
from tests.cast import make_application, make_batch, make_candidate, make_cast
from tests.installation import Installation, installation, wait_until
from tests.listening import Request, listening
from tests.smtp import SmtpServer

LEASE = 8
"""Seconds after which the mails of the dead are taken in hand anew."""


@contextmanager
def post_office(folder: Path, *, database_url: str = "") -> Iterator[Installation]:
    """An installation and, for the test, the application on its database, whose context is open."""
    with (
        installation(folder, database_url=database_url) as relay,
        create_app(config.load(relay.environment)).app_context(),
    ):
        begin_writing()
        try:
            yield relay
        finally:
            db.session.remove()
            db.engine.dispose()


def campaign(relay: Installation, *, mails: int, kills: int) -> str:
    """Kill workers while they send; every mail arrives all the same. Returns what was seen, with the seed.

    RELAY_TEST_SEED repeats the choices of a run.
    """
    seed = int(os.environ.get("RELAY_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
    queued = queue_results(db.session(), mails)
    with crew_of(relay) as crew:
        caught = _send_and_kill(random.Random(seed), relay.smtp, crew, mails=mails, kills=kills)  # noqa: S311
        wait_until(settled, f"every mail is sent, seed {seed}", patience=400)
    assert_everyone_was_told_once(db.session(), mails)
    copies = Counter(relay.smtp.message_ids)
    extra = copies - Counter(queued)
    assert set(copies) == queued, f"seed {seed}: a mail was lost, or one was sent under another Message-ID"
    assert extra <= caught, f"seed {seed}: sent again though nobody was killed with it: {extra - caught}"
    assert_copies_went_to_one_person(relay.smtp)
    return f"{db.engine.dialect.name}: {kills} kills, {extra.total()} extra copies, RELAY_TEST_SEED={seed}"


class Crew:
    """Two workers beside each other, as real processes; the fallen are replaced."""

    def __init__(self, relay: Installation) -> None:
        self._relay = relay
        self._workers = [self._start(), self._start()]

    def kill(self, which: int) -> None:
        """SIGKILL one, the oldest being the first, and start another."""
        worker = self._workers.pop(which)
        assert worker.is_alive(), "a worker had ended by itself"
        worker.kill()
        worker.join(10)
        self._workers.append(self._start())

    def stop(self) -> None:
        """SIGTERM; every worker must end by itself."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join(60)
            assert worker.exitcode == 0, f"a worker did not listen to SIGTERM: {worker.exitcode}"

    def leave_nobody(self) -> None:
        """Whatever happened, no process stays behind."""
        for worker in self._workers:
            worker.kill()
            worker.join(30)

    def _start(self) -> BaseProcess:
        near = {"RELAY_LEASE_SECONDS": str(LEASE), "RELAY_OUTBOUND_NETWORKS": "127.0.0.0/8"}
        environment = self._relay.environment | near
        log = self._relay.folder / "worker.log"
        return forked.start(["worker"], environment, out=log, err=log, typed=Path(os.devnull))


@contextmanager
def crew_of(relay: Installation) -> Iterator[Crew]:
    """A crew at work inside the block; in the end it is told to stop, and does."""
    crew = Crew(relay)
    try:
        yield crew
        crew.stop()
    finally:
        crew.leave_nobody()


def webhook_campaign(relay: Installation, *, events: int, kills: int) -> str:
    """Kill workers while they make webhooks of events and send them: none is lost, and each has one id (D-3).

    RELAY_TEST_SEED repeats the choices of a run.
    """
    seed = int(os.environ.get("RELAY_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
    chance = random.Random(seed)  # noqa: S311
    session = db.session()

    def think(_request: Request) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.01)
        return 204, {}, b""

    with listening(think) as hook:
        company_id = _reject_many(session, events, f"http://{hook.host}:{hook.port}/")
        with crew_of(relay) as crew:
            for number in range(kills):
                wanted = len(hook.requests) + chance.randint(1, max(2, events * 4 // (kills * 5)))
                wait_for(lambda least=wanted: len(hook.requests) >= least, LEASE)  # type: ignore[misc]
                time.sleep(chance.random() * 0.03)
                crew.kill(1 if number % 4 == 3 else 0)
            session.execute(update(EventDelivery).values(lease_until=None))  # of the dead: a quarter of an hour is over
            session.commit()
            wait_until(partial(_all_delivered, company_id, events), f"every webhook arrives, seed {seed}", patience=300)
    ids: dict[str, set[str]] = {}
    for request in hook.requests:
        told = json.loads(request.body)["data"]["application_id"]
        ids.setdefault(told, set()).add(request.headers["webhook-id"])
    assert set(ids) == {str(number) for number in range(events)}, f"seed {seed}: an event was lost"
    assert all(len(each) == 1 for each in ids.values()), f"seed {seed}: an event had two ids"
    assert len(set().union(*ids.values())) == events, f"seed {seed}: two events had one id"
    copies = len(hook.requests) - events
    assert copies <= 2 * kills, f"seed {seed}: sent again though nobody was killed with it"
    return f"{db.engine.dialect.name}: {kills} kills, {copies} extra copies, RELAY_TEST_SEED={seed}"


def _reject_many(session: Session, events: int, url: str) -> int:
    """Write so many events of rejections at a company with one address; returns the company's id."""
    cast = make_cast(session)
    opened = Outbound([ip_network("127.0.0.0/8")])
    current_app.extensions["relay_outbound"] = opened
    endpoints.add(session, cast.acme.id, url, ["candidate.rejected"])
    for number in range(events):
        data = event_data.ApplicationDecided(candidate_id=1)
        where = ("application", number)
        record(session, EventTag.APPLICATION_REJECTED, company_id=cast.acme.id, subject=where, data=data)
    session.commit()
    return cast.acme.id


def _all_delivered(company_id: int, events: int) -> bool:
    session = db.session()
    with scopes.company(session, company_id):
        arrived = WebhookMessage.state == WebhookState.DELIVERED
        done = session.scalar(select(func.count(WebhookMessage.id)).where(arrived))
    session.rollback()
    return done == events


def _send_and_kill(chance: random.Random, server: SmtpServer, crew: Crew, *, mails: int, kills: int) -> Counter[str]:
    """Kill after some mails and a random moment more, each fifth time at any moment; each fourth time the younger.

    Returns how often each mail was in somebody's hands at a kill; the hands of who lives on are not told apart.
    """
    caught = Counter[str]()
    for number in range(kills):
        if number % 5 == 4:
            time.sleep(chance.random())
        else:
            wanted = len(server.received) + chance.randint(3, mails * 4 // (kills * 3))
            wait_for(partial(_has_received, server, wanted), LEASE)
            time.sleep(chance.random() * 0.03)
        crew.kill(1 if number % 4 == 3 else 0)
        caught.update(_in_hand(db.session()))
    return caught


def wait_for(happened: Callable[[], bool], seconds: float) -> None:
    """Wait for something, looking often; what does not come in time is missed by the assertions that follow."""
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.005)


def _has_received(server: SmtpServer, count: int) -> bool:
    return len(server.received) >= count


def _in_hand(session: Session) -> Sequence[str]:
    with scopes.everyone(session, "test"):
        found = session.scalars(select(Message.message_id).where(Message.state == MessageState.SENDING)).all()
    session.rollback()
    return found


def queue_results(session: Session, count: int) -> set[str]:
    """People of one company, each rejected and about to be told; returns the Message-IDs."""
    cast = make_cast(session)
    with scopes.company(session, cast.acme.id):
        text = MailTemplate(company_id=cast.acme.id, letter="result", name="見送り", created_at=clock.now())
        session.add(text)
        session.flush()
        version = MailTemplateVersion(
            company_id=cast.acme.id,
            template_id=text.id,
            version=1,
            subject="選考結果のご連絡",
            body="{{氏名}} 様\n\n選考の結果をお伝えします。",
            created_at=clock.now(),
        )
        session.add(version)
        session.flush()
        ids = {_queue_result(session, cast.acme, version.id, number) for number in range(count)}
        session.commit()
    return ids


def _queue_result(session: Session, company: Company, version_id: int, number: int) -> str:
    candidate = make_candidate(session, company, f"候補 {number}", email=f"person{number}@mail.example")
    application = make_application(
        session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today(), decided_in_relay=True
    )
    message = outbox.queue(
        session,
        "result",
        company_id=company.id,
        to=candidate.email,
        subject=("application", application.id),
        candidate_id=candidate.id,
        values={"氏名": candidate.name},
        template_version_id=version_id,
        batch_id=make_batch(session, company, "act").id,
    )
    return message.message_id


def settled() -> bool:
    """Return whether no mail is left."""
    session = db.session()
    with scopes.everyone(session, "test"):
        left = session.scalar(select(func.count()).where(Message.state != MessageState.SENT))
    session.rollback()
    return left == 0


def assert_everyone_was_told_once(session: Session, count: int) -> None:
    """Each result is marked as told, and has one entry in the log."""
    with scopes.everyone(session, "test"):
        told = session.scalar(
            select(func.count()).where(
                Application.notified_at.is_not(None), Application.notified_by == NotifiedBy.RELAY
            )
        )
        assert told == count
    events = session.scalars(select(Event.subject_id).where(Event.tag == EventTag.RESULT_SENT)).all()
    assert len(events) == len(set(events)) == count


def assert_copies_went_to_one_person(server: SmtpServer) -> None:
    """No Message-ID was seen by two."""
    people: dict[str, set[str]] = {}
    for mail in server.received:
        people.setdefault(str(mail["Message-ID"]).strip(), set()).add(str(mail["To"]))
    assert all(len(addresses) == 1 for addresses in people.values())
