"""A runner: a thread that takes one step after another, each in a session of its own."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra import lanes
from relay.infra.log_safety import trace_of
from relay.models import Actor, act_as

log = logging.getLogger("relay.worker")

POLL = 1.0
"""Seconds between looks while nothing is due."""

Step = Callable[[Session, datetime], bool]
"""Does one thing that is due and says whether there was one."""


def take(step: Step) -> bool:
    """Take one step in a fresh session. A database that is away for a while is waited for."""
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


class Runner(threading.Thread):
    """Takes steps until `stopping` is set. A fault of ours sets it too: kept as `error`, it ends the worker."""

    def __init__(self, app: Flask, name: str, step: Step, stopping: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._app = app
        self._step = step
        self._stopping = stopping
        self.error: BaseException | None = None

    def run(self) -> None:
        """Step after step; every one that ends shows that the lane moves on."""
        try:
            with self._app.app_context():
                while not self._stopping.is_set():
                    did_something = take(self._step)
                    lanes.move_on()
                    if not did_something:
                        self._stopping.wait(POLL)
        except BaseException as error:
            self.error = error
            self._stopping.set()
