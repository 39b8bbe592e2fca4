"""The lane of mail: one thread takes mails in hand and writes them, some others hand them over.

While servers answer fast there is never more than one on its way. A slow one gets company, up to SENDERS; the last of
them are kept free of companies' own servers, so that none of those can hold up letters about logins, or the
organisation's.
"""

import logging
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from threading import Event

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay.extensions import db
from relay.infra.log_safety import trace_of
from relay.infra.turns import Turns
from relay.mail import delivery
from relay.mail.delivery import Taken
from relay.mail.transport import Transport
from relay.models import Actor, act_as
from relay.worker.runner import POLL

log = logging.getLogger("relay.worker")

SENDERS = 10
"""So many mails are on their way at a time, at most."""
KEPT_FREE = 2
"""So many of them never go by a company's own server."""
FAST = 0.1
"""Seconds a mail on its way is waited for before the next is taken in hand."""


class Sending:
    """Hands over mails, several at a time where servers are slow. Its steps belong to one thread."""

    def __init__(self, app: Flask, transport: Transport, rate: int, stopping: Event) -> None:
        self._app = app
        self._transport = transport
        self._rate = rate
        self._stopping = stopping
        self._turns = Turns()
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")
        self._on_their_way: dict[Future[None], bool] = {}

    def step(self, session: Session, now: datetime) -> bool:
        """Take the mail whose turn it is and let it go. Waits where all senders are out."""
        if not self._wait_for_a_sender():
            return False
        own = sum(self._on_their_way.values())
        taken = delivery.take(
            session,
            now=now,
            held=self._transport.held(),
            rate=self._rate,
            turns=self._turns,
            by_organisation_only=own >= SENDERS - KEPT_FREE,
        )
        if taken is None:
            if not self._on_their_way:
                self._transport.rest()
            return False
        if taken.envelope is not None:
            sent = self._pool.submit(self._hand_over, taken)
            self._on_their_way[sent] = taken.by_own
            wait([sent], FAST)
        return True

    def end(self) -> None:
        """Wait for what is on its way, then hang up."""
        self._pool.shutdown()
        self._transport.rest()

    def _wait_for_a_sender(self) -> bool:
        """Return whether a sender is free; let go of what is back. While none comes back the lane does not move on."""
        while True:
            for sent in [each for each in self._on_their_way if each.done()]:
                del self._on_their_way[sent]
                sent.result()
            if len(self._on_their_way) < SENDERS:
                return True
            if self._stopping.is_set():
                return False
            wait(self._on_their_way, POLL, FIRST_COMPLETED)

    def _hand_over(self, taken: Taken) -> None:
        with self._app.app_context():
            session = db.session()
            act_as(session, Actor("worker"))
            try:
                delivery.hand_over(session, taken, self._transport)
            except SQLAlchemyError as error:  # unmarked, it is sent again once its lease is over
                log.error("mail %s could not be marked: %s", taken.message.id, trace_of(error))
            finally:
                db.session.remove()
