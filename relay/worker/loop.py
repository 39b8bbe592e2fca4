"""The worker: its lanes side by side, and their heartbeats. Several workers may run beside each other."""

import threading
import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from flask import Flask, current_app
from sqlalchemy.orm import Session

from relay.connect.webhooks import sending as webhooks
from relay.infra import jobs, lanes
from relay.infra.jobs import Queue
from relay.infra.lanes import Lane
from relay.infra.turns import Turns
from relay.mail import outbox
from relay.mail.transport import Transport
from relay.worker import upkeep
from relay.worker.runner import Runner, Step, take
from relay.worker.sending import Sending
from relay.worker.webhooks import Calling

HEARTBEAT = 20.0
"""Seconds between signs of life, and between looks at what the day and the hour ask for."""
PATIENCE = {Lane.MAIL: 120.0, Lane.JOBS: 300.0, Lane.EVENTS: 120.0, Lane.WEBHOOKS: 120.0}
"""Seconds without anything done after which a lane shows no more life; a part of a long job may take minutes."""


class Worker:
    """One worker, of all lanes or of some. Must live inside an application context.

    `rate` is how many mails of its acts a company may send a minute, counted for all workers together; 0 is no limit.
    """

    def __init__(self, transport: Transport, *, rate: int = 0, only: Iterable[Lane] = tuple(Lane)) -> None:
        self._transport = transport
        self._rate = rate
        self._lanes = tuple(only)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End after the acts in hand; safe in a signal handler."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> None:
        """Work until told to stop; with `once`, in this thread alone, until nothing is due any more."""
        if once:
            self._drain()
        else:
            self._run_side_by_side(current_app._get_current_object())  # type: ignore[attr-defined]

    def _drain(self) -> None:
        _beat(self._lanes)
        steps: dict[Lane, Step] = {
            Lane.MAIL: partial(_send_one, self._transport, self._rate, Turns()),
            Lane.JOBS: _Duties(Queue, Turns()).step,
            Lane.EVENTS: _deliver,
            Lane.WEBHOOKS: partial(_call_one, Turns()),
        }
        while not self._stopping.is_set() and any(take(steps[lane]) for lane in self._lanes):
            pass
        self._transport.rest()

    def _run_side_by_side(self, app: Flask) -> None:
        sending = Sending(app, self._transport, self._rate, self._stopping)
        calling = Calling(app, self._stopping)
        runners = {
            lane: [Runner(app, *named, self._stopping) for named in _steps(lane, sending, calling)]
            for lane in self._lanes
        }
        started = time.monotonic()
        for runner in _all(runners):
            runner.start()
        while not self._stopping.is_set():
            moving = [lane for lane in self._lanes if _moves_on(lane, runners[lane], started)]
            if moving:
                _beat(moving)
            self._stopping.wait(HEARTBEAT)
        for runner in _all(runners):
            runner.join()
        sending.end()
        calling.end()
        for error in [runner.error for runner in _all(runners) if runner.error]:
            raise error


class _Duties:
    """Jobs of some queues, and now and then a look at what the day and the hour ask for."""

    def __init__(self, queues: Iterable[Queue], turns: Turns) -> None:
        self._queues = tuple(queues)
        self._turns = turns
        self._next_look = 0.0

    def step(self, session: Session, now: datetime) -> bool:
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + HEARTBEAT
            upkeep.schedule(session, now)
            session.commit()
        return jobs.run_one(session, now, queues=self._queues, turns=self._turns)


def _steps(lane: Lane, sending: Sending, calling: Calling) -> list[tuple[str, Step]]:
    """Return what the threads of a lane do: each queue of jobs has one of its own, so that none waits for another."""
    if lane is Lane.MAIL:
        return [("mail", sending.step)]
    if lane is Lane.EVENTS:
        return [("events", _deliver)]
    if lane is Lane.WEBHOOKS:
        return [("webhooks", calling.step)]
    others = [queue for queue in Queue if queue is not Queue.DUTIES]
    duties = ("duties", _Duties([Queue.DUTIES], Turns()).step)
    return [duties, *((queue.value, partial(_work, queue, Turns())) for queue in others)]


def _work(queue: Queue, turns: Turns, session: Session, now: datetime) -> bool:
    return jobs.run_one(session, now, queues=[queue], turns=turns)


def _deliver(session: Session, now: datetime) -> bool:
    return jobs.deliver_event(session, now)


def _send_one(transport: Transport, rate: int, turns: Turns, session: Session, now: datetime) -> bool:
    return outbox.deliver_one(session, now=now, transport=transport, rate=rate, turns=turns)


def _call_one(turns: Turns, session: Session, now: datetime) -> bool:
    return webhooks.deliver_one(session, now=now, turns=turns)


def _all(runners: dict[Lane, list[Runner]]) -> list[Runner]:
    return [runner for each in runners.values() for runner in each]


def _moves_on(lane: Lane, runners: list[Runner], started: float) -> bool:
    """Return whether every thread of the lane has done something, or looked in vain, not long ago."""
    least = time.monotonic() - PATIENCE[lane]
    return all(max(lanes.moved_at(runner), started) > least for runner in runners)


def _beat(moving: Iterable[Lane]) -> None:
    def write(session: Session, _now: datetime) -> bool:
        lanes.beat(session, moving)
        session.commit()
        return True

    take(write)
