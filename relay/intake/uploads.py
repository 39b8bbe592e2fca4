"""A file between being dropped and being applied: its bytes stay a day at most, and go with any erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.intake import later
from relay.intake.report import report_of
from relay.intake.result import Reading
from relay.intake.sources import SHEET
from relay.models import EventTag, Import, ImportState, User, record

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


def keep(session: Session, reading: Reading | None, data: bytes, *, by_user_id: int) -> Import:
    """Keep a file until its answers are given, its columns or rows put right. Needs the company's scope.

    Without a reading nobody knows yet which column holds the names.
    """
    row = Import(
        state=ImportState.PREVIEWED,
        format=reading.format if reading else SHEET.name,
        content=data,
        report=counts(reading),
        created_at=clock.now(),
        by_user_id=by_user_id,
    )
    session.add(row)
    session.flush()
    if reading is not None and not reading.refused:
        record(session, EventTag.IMPORT_PREVIEWED, company_id=row.company_id, subject=("import", row.id))
    return row


def counts(reading: Reading | None) -> dict[str, Any]:
    """The figures of a file that is not applied yet, and how much is to be put right in it."""
    if reading is None:
        return {"rows": 0, "problems": 1}
    return report_of(reading).counts() | {"problems": len(reading.problems)}


def discard(session: Session, row: Import) -> bool:
    """Drop the bytes of a file that is not to be applied; one that was applied, or is being applied, stays as it is."""
    if row.state is ImportState.PREVIEWED or (row.state is ImportState.QUEUED and later.gave_up(session, row)):
        row.state, row.content = ImportState.DISCARDED, None
        return True
    return False


def recent(session: Session) -> Sequence[Upload]:
    """Give the company's newest imports that were applied or wait for answers."""
    columns = (Import.id, Import.state, Import.format, Import.applied_at, Import.created_at, User.name, Import.report)
    newest = select(*columns).outerjoin(User, User.id == Import.by_user_id)
    rows = newest.where(Import.state != ImportState.DISCARDED).order_by(Import.id.desc()).limit(SHOWN)
    return [
        Upload(one, state, source, applied_at or created_at, name or "", report)
        for one, state, source, applied_at, created_at, name, report in session.execute(rows)
    ]
