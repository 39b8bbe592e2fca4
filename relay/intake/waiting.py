"""Stored parts of files that wait for answers: names on the disk, let go with the transaction that ends the waiting."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from relay.models import Import, ImportState
from relay.pool.files import store

STATES = (ImportState.READING, ImportState.PREVIEWED, ImportState.QUEUED)
"""In which a file is neither applied nor discarded yet."""


def let_go(session: Session, rows: Iterable[Import]) -> None:
    """Forget what was read of these files; it leaves the disk once the transaction holds."""
    for row in rows:
        kept = (row.table_stored_as, row.reading_stored_as, row.people_stored_as)
        store.remove_after_commit(session, [name for name in kept if name is not None])
        row.table_stored_as = row.reading_stored_as = row.people_stored_as = row.figures = None
        row.size = 0


def discard(session: Session, *whose: ColumnElement[bool]) -> int:
    """Discard the files that wait, of which these are; returns how many. For expiry and erasure, of any company."""
    rows = session.scalars(select(Import).where(Import.state.in_(STATES), *whose).with_for_update()).all()
    let_go(session, rows)
    for row in rows:
        row.state = ImportState.DISCARDED
    session.flush()
    return len(rows)
