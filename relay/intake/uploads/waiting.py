"""Files that wait for answers: the list a company sees, and the end of waiting by expiry and erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from relay.intake.writing.applying import let_go
from relay.models import Import, ImportState, User

STATES = (ImportState.READING, ImportState.PREVIEWED, ImportState.QUEUED)
"""In which a file is neither applied nor discarded yet."""


def discard_all(session: Session, *whose: ColumnElement[bool]) -> int:
    """Discard the files that wait, of which these are; returns how many. For expiry and erasure, of any company."""
    rows = session.scalars(select(Import).where(Import.state.in_(STATES), *whose).with_for_update()).all()
    let_go(session, rows)
    for row in rows:
        row.state = ImportState.DISCARDED
    session.flush()
    return len(rows)


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


_RECENT = (
    select(Import.id, Import.state, Import.format, Import.applied_at, Import.created_at, User.name, Import.report)
    .outerjoin(User, User.id == Import.by_user_id)
    .where(
        Import.state != ImportState.DISCARDED,
        or_(Import.state == ImportState.APPLIED, Import.table_stored_as.is_not(None)),
    )
    .order_by(Import.id.desc())
    .limit(SHOWN)
)


def recent(session: Session) -> Sequence[Upload]:
    """Give the company's newest imports that were applied or wait for answers."""
    return [
        Upload(one, state, source, applied_at or created_at, name or "", report)
        for one, state, source, applied_at, created_at, name, report in session.execute(_RECENT)
    ]
