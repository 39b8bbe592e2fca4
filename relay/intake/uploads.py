"""A file between being read and being applied: what was read stays a day at most, and goes with any erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from relay.intake import arrival, later, waiting
from relay.models import Import, ImportState, User

SHOWN = 5


@dataclass(frozen=True)
class Upload:
    """An import as a list shows it."""

    id: int
    state: ImportState
    format: str
    at: datetime
    by: str
    report: dict[str, Any]


def discard(session: Session, row: Import) -> bool:
    """Drop a file that is not to be applied; one that was applied, or with which the worker is busy, stays as it is."""
    given_up = (row.state is ImportState.QUEUED and later.gave_up(session, row)) or (
        row.state is ImportState.READING and later.gave_up(session, row, kind=arrival.KIND)
    )
    if row.state is not ImportState.PREVIEWED and not given_up:
        return False
    waiting.let_go(session, [row])
    row.state = ImportState.DISCARDED
    return True


def recent(session: Session) -> Sequence[Upload]:
    """Give the company's newest imports that were applied or wait for answers."""
    columns = (Import.id, Import.state, Import.format, Import.applied_at, Import.created_at, User.name, Import.report)
    newest = select(*columns).outerjoin(User, User.id == Import.by_user_id).order_by(Import.id.desc()).limit(SHOWN)
    shown = or_(Import.state == ImportState.APPLIED, Import.table_stored_as.is_not(None))
    rows = newest.where(Import.state != ImportState.DISCARDED, shown)
    return [
        Upload(one, state, source, applied_at or created_at, name or "", report)
        for one, state, source, applied_at, created_at, name, report in session.execute(rows)
    ]
