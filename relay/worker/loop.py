"""The loop of the worker: each step does one thing that is due and says whether there was one."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.mail import jobs, outbox
from relay.mail.failures import trace_of
from relay.mail.transport import Transport
from relay.models import Actor, Heartbeat, act_as
from relay.worker import upkeep

log = logging.getLogger("relay.worker")

POLL = 1.0
"""Seconds between looks while nothing is due."""

HEARTBEAT = 20.0
"""Seconds between signs of life; two minutes without one count as death."""


class Worker:
    """One worker; several may run beside each other. Must live inside an application context.

    `rate` is how many mails of its acts a company may send a minute, counted for all workers together; 0 is no limit.
    """

    def __init__(self, transport: Transport, *, rate: int = 0) -> None:
        self._transport = transport
        self._rate = rate
        self._stopping = threading.Event()
        self._next_heartbeat = 0.0
        self._next_look = 0.0

    def stop(self) -> None:
        """End after the act in hand; safe in a signal handler."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> None:
        """Work until told to stop; with `once`, until nothing is due any more."""
        while not self._stopping.is_set():
            self._show_life()
            mailed = self._take(self._mail)
            if self._look_elsewhere(mailed) or mailed:
                continue
            self._transport.rest()
            if once:
                break
            self._stopping.wait(POLL)
        self._transport.rest()

    def _look_elsewhere(self, mailed: bool) -> bool:
        """Do one job and deliver one event; while mails flow, no more often than once a second."""
        if self._stopping.is_set() or (mailed and time.monotonic() < self._next_look):
            return False
        self._next_look = time.monotonic() + POLL
        return self._take(jobs.run_one) | self._take(jobs.deliver_event)

    def _mail(self, session: Session, now: datetime) -> bool:
        return outbox.deliver_one(session, now=now, transport=self._transport, rate=self._rate)

    def _take(self, step: Callable[[Session, datetime], bool]) -> bool:
        """One step in a fresh session. A database that is away for a while is waited for."""
        session = db.session()
        act_as(session, Actor("worker"))
        try:
            return step(session, clock.now())
        except SQLAlchemyError as error:
            session.rollback()
            log.error("the worker could not work: %s", trace_of(error))
            return False
        finally:
            db.session.remove()

    def _show_life(self) -> None:
        """Write the heartbeat, and queue the day's and the hour's work, a few times a minute."""
        if time.monotonic() < self._next_heartbeat:
            return
        self._next_heartbeat = time.monotonic() + HEARTBEAT
        self._take(_beat)


def _beat(session: Session, now: datetime) -> bool:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    alive = insert(Heartbeat).values(name=outbox.WORKER, at=now)
    session.execute(alive.on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": now}))
    upkeep.schedule(session, now)
    session.commit()
    return True
