"""A lease says which worker acts on a row; it is renewed while the act lasts, so a slow server is not a dead worker."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Engine, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay import clock
from relay.mail.failures import trace_of
from relay.models import Message, MessageState, scopes

log = logging.getLogger("relay.worker")


@contextmanager
def kept(engine: Engine, message_id: int, lease: timedelta) -> Iterator[None]:
    """Keep the lease of a mail alive inside the block, from a thread of its own; a short act needs no renewal."""
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(engine, message_id, lease, done), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _keep(engine: Engine, message_id: int, lease: timedelta, done: threading.Event) -> None:
    while not done.wait(lease.total_seconds() / 3):
        try:
            _renew(engine, message_id, lease)
        except SQLAlchemyError as error:
            log.warning("lease of mail %s was not renewed: %s", message_id, trace_of(error))


def _renew(engine: Engine, message_id: int, lease: timedelta) -> None:
    with Session(engine) as session, scopes.everyone(session, "worker: keeps the lease of the mail in its hands"):
        session.execute(
            update(Message)
            .where(Message.id == message_id, Message.state == MessageState.SENDING)
            .values(lease_until=clock.now() + lease)
        )
        session.commit()
