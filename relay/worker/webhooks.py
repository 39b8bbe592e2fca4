"""The lane of webhooks: one thread takes messages in hand, some others call the addresses.

An address gets one message at a time and a company few, so that slow ones hold up neither other companies nor mails.
"""

import logging
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from threading import Event

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay.connect.webhooks import sending
from relay.connect.webhooks.sending import TakenMessage
from relay.extensions import db
from relay.infra.log_safety import trace_of
from relay.infra.turns import Turns
from relay.models import Actor, act_as
from relay.worker.runner import POLL

log = logging.getLogger("relay.worker")

CALLERS = 16
"""So many addresses are called at a time, at most."""
OF_ONE_COMPANY = 2
"""So many of them are one company's."""
FAST = 0.1
"""Seconds a call is waited for before the next message is taken in hand."""


class Calling:
    """Calls addresses, several at a time. Its steps belong to one thread."""

    def __init__(self, app: Flask, stopping: Event) -> None:
        self._app = app
        self._stopping = stopping
        self._turns = Turns()
        self._pool = ThreadPoolExecutor(CALLERS, thread_name_prefix="webhook")
        self._on_their_way: dict[Future[None], TakenMessage] = {}

    def step(self, session: Session, now: datetime) -> bool:
        """Take the message whose turn it is and let it go. Waits where all callers are out."""
        if not self._wait_for_a_caller():
            return False
        of = Counter(each.company_id for each in self._on_their_way.values())
        taken = sending.take(
            session,
            now=now,
            turns=self._turns,
            companies=[company_id for company_id, calls in of.items() if calls >= OF_ONE_COMPANY],
            busy=[each.endpoint_id for each in self._on_their_way.values()],
        )
        if taken is not None:
            call = self._pool.submit(self._hand_over, taken)
            self._on_their_way[call] = taken
            wait([call], FAST)
        elif self._on_their_way:  # the next message of theirs waits for them alone
            wait(self._on_their_way, POLL, FIRST_COMPLETED)
        return taken is not None or bool(self._on_their_way)

    def end(self) -> None:
        """Wait for what is on its way."""
        self._pool.shutdown()

    def _wait_for_a_caller(self) -> bool:
        """Return whether a caller is free; let go of what is back. While none comes back the lane does not move on."""
        while True:
            for call in [each for each in self._on_their_way if each.done()]:
                del self._on_their_way[call]
                call.result()
            if len(self._on_their_way) < CALLERS:
                return True
            if self._stopping.is_set():
                return False
            wait(self._on_their_way, POLL, FIRST_COMPLETED)

    def _hand_over(self, taken: TakenMessage) -> None:
        with self._app.app_context():
            session = db.session()
            act_as(session, Actor("worker"))
            try:
                sending.hand_over(session, taken)
            except SQLAlchemyError as error:  # unmarked, it is sent again once its lease is over
                log.error("webhook %s could not be marked: %s", taken.message_id, trace_of(error))
            finally:
                db.session.remove()
