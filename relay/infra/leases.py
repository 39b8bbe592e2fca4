"""A lease says which worker acts on a row; it is renewed while the act lasts, so a slow server is not a dead worker."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.log_safety import trace_of
from relay.models import scopes

log = logging.getLogger("relay.worker")


@contextmanager
def kept(engine: Engine, table: type[Any], *row: ColumnElement[bool], lease: timedelta) -> Iterator[None]:
    """Keep the lease of a row of this table alive inside the block, from a thread; a short act needs no renewal.

    `row` says which row, and the state in which it is still in the caller's hands.
    """
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(engine, table, row, lease, done), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _keep(
    engine: Engine, table: type[Any], row: tuple[ColumnElement[bool], ...], lease: timedelta, done: threading.Event
) -> None:
    while not done.wait(lease.total_seconds() / 3):
        try:
            _renew(engine, table, row, lease)
        except SQLAlchemyError as error:
            log.warning("a lease of %s was not renewed: %s", table.__tablename__, trace_of(error))


def _renew(engine: Engine, table: type[Any], row: tuple[ColumnElement[bool], ...], lease: timedelta) -> None:
    with Session(engine) as session, scopes.everyone(session, "worker: keeps the lease of the row in its hands"):
        session.execute(update(table).where(*row).values(lease_until=clock.now() + lease))
        session.commit()
