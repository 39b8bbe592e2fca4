"""`python -m tests.bench.sending`: how fast the worker's lane of mail is, beside smtplib alone with the same mails.

Both hand the very same mails to one real server that keeps none, a process of its own, over one connection: first the
lane, then smtplib. The processor's time is that of this process.
"""

import smtplib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from time import perf_counter, process_time
from typing import NamedTuple

from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock, create_app
from relay.extensions import db
from relay.infra.turns import Turns
from relay.mail import delivery
from relay.mail.transport import ConnectionPool, DeliveryResult, Envelope
from relay.models import Actor, Application, ApplicationResult, Candidate, Company, RejectionReason, act_as, scopes
from relay.outreach import results, templates
from relay.outreach.results import ResultNotification
from tests.bench import build, sets
from tests.bench.serving import free_port, wait

PEOPLE, MAILS = 100_000, 200
LEAST = 0.5
"""How fast the lane is to be, as a share of smtplib alone."""


class Sent(NamedTuple):
    """So many mails handed over: in all, and what of it was spent by this process."""

    mails: int
    seconds: float
    processor: float


def main() -> int:
    """Print one line, on SQLite; return 1 where the lane is slower than it may be."""
    kept = sets.kept("sqlite", PEOPLE, "", lambda _line: None)
    with sets.copy(kept, "") as copied, sink() as port:
        lane, alone = measured(copied, port)
    share = alone.seconds / alone.mails / (lane.seconds / lane.mails)
    said = f" (under {LEAST})" if share < LEAST else ""
    print(  # noqa: T201
        f"mails: {lane.mails / lane.seconds:.0f} a second by the lane, {lane.processor / lane.mails * 1000:.1f} ms of"
        f" the processor each; {alone.mails / alone.seconds:.0f} by smtplib alone: {share:.2f} ×{said}"
    )
    return 1 if share < LEAST else 0


def measured(kept: sets.Kept, port: int) -> tuple[Sent, Sent]:
    """Let the lane send what a company tells; then the same mails by smtplib alone."""
    app = _app(kept, port)
    with app.app_context():
        session = db.session()
        act_as(session, Actor("worker"))
        _queue(session, kept)
        later, handed = clock.now() + timedelta(days=2), Noted()
        with clock.at(later.replace(hour=3)):  # noon in Japan
            lane = _lane(session, handed)
        db.engine.dispose()
    return lane, _alone(handed.envelopes, port)


class Noted(ConnectionPool):
    """The worker's connections, which note what goes through them."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.envelopes: list[Envelope] = []

    def send(self, envelope: Envelope) -> DeliveryResult:
        self.envelopes.append(envelope)
        return super().send(envelope)


def _lane(session: Session, transport: Noted) -> Sent:
    turns, mails = Turns(), 0
    begun, spent = perf_counter(), process_time()
    while delivery.deliver_one(session, now=clock.now(), transport=transport, turns=turns):
        mails += 1
    took = Sent(len(transport.envelopes), perf_counter() - begun, process_time() - spent)
    transport.rest()
    assert mails >= len(transport.envelopes) >= MAILS, (mails, len(transport.envelopes))
    return took


def _alone(envelopes: Sequence[Envelope], port: int) -> Sent:
    begun, spent = perf_counter(), process_time()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for each in envelopes:
            server.sendmail(each.sender, [each.to], each.data)
    return Sent(len(envelopes), perf_counter() - begun, process_time() - spent)


def _app(kept: sets.Kept, port: int) -> Flask:
    settings = kept.app().config["RELAY"]
    return create_app(replace(settings, mail_port=port, mail_tls="none", env="development"))


def _queue(session: Session, kept: sets.Kept) -> None:
    """Tell so many people of the set that they were rejected."""
    company_id = session.execute(select(Company.id).order_by(Company.id)).scalars().first() or 0
    by = build.adam(session)
    with scopes.company(session, company_id):
        company = session.get_one(Company, company_id)
        [text, *_others] = templates.choices(session)
        running = (
            select(Application.id)
            .join(Candidate, Candidate.id == Application.candidate_id)
            .where(Application.status == ApplicationResult.OPEN, Candidate.email != "")
            .order_by(Application.id.desc())
        )
        wanted = session.scalars(running.limit(MAILS)).all()
        told = [ResultNotification(each, RejectionReason.SKILLS, text.id) for each in wanted]
        results.notify(session, company, told, by_user_id=by)
    session.commit()


@contextmanager
def sink() -> Iterator[int]:
    """A server that takes every mail and keeps none, in a process of its own; its port."""
    port = free_port()
    process = get_context("fork").Process(target=_serve, args=(port,), daemon=True)
    process.start()
    try:
        wait(port)
        yield port
    finally:
        process.terminate()
        process.join()


def _serve(port: int) -> None:
    Controller(_Taking(), hostname="127.0.0.1", port=port).start()
    threading.Event().wait()


class _Taking:
    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        """Take a mail, as aiosmtpd asks."""
        return "250 taken"


if __name__ == "__main__":
    sys.exit(main())
