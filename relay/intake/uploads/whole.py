"""A file of a watched folder: read in the limited process and applied at once, without a look.

What is kept of it is a keyed hash of its bytes and of where its table was said to be, in the transaction that applies
it: so the same file is known again, also by who was killed between applying it and moving it away.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.infra.keyed_hash import keyed
from relay.intake.planning.plan import Answers
from relay.intake.reading import refusals
from relay.intake.reading.table import NamedPlace
from relay.intake.rows import mapping
from relay.intake.rows.row import Problem, Reading
from relay.intake.uploads import on_disk
from relay.intake.uploads.arrival import READING_LATER, limited_task
from relay.intake.writing.applying import ImportReport, prepare_and_apply, report_of
from relay.models import Import, ImportState, company_locks, scopes
from relay.models.company_locks import CompanyLock


@dataclass(frozen=True, slots=True)
class WholeFile:
    """The bytes of a file, and how its table is to be found."""

    content: IO[bytes]
    format: str | None
    place: NamedPlace

    @property
    def digest(self) -> str:
        """Return what the file is known by again."""
        place = f"{self.format or ''}\n{self.place.header_row}\n{self.place.sheet}"
        return keyed("whole-file", f"{store.sum_of(self.content)}\n{place}")


@dataclass(frozen=True, slots=True)
class Brought:
    """The report of a file (the contract's object), and when the same one had been applied already, if it had."""

    report: dict[str, Any]
    before: datetime | None = None

    @property
    def is_refused(self) -> bool:
        """Return whether something has to be put right first; nothing was written then."""
        return bool(self.report["problems"])


def bring(session: Session, company_id: int, file: WholeFile, answers: Answers) -> Brought:
    """Apply a file as a whole, in the caller's transaction, none of which may be open yet. Raises FileRefused.

    One that was applied before, and not taken back since, is left alone.
    """
    digest = file.digest
    if (known := _brought_before(session, company_id, digest)) is not None:
        return known
    reading = read(session, company_id, file)
    if reading.refused:
        return Brought(report_of(reading).as_json())
    report = prepare_and_apply(
        session,
        company_id,
        reading,
        answers,
        by_user_id=None,
        import_id=None,
        find_import=lambda import_id: _new_import(session, company_id, reading, digest, import_id),
    )
    if report is not None:
        return Brought(report.as_json())
    known = _brought_before(session, company_id, digest)  # another process was a moment faster
    assert known is not None
    return known


def refused(sentence: str) -> Brought:
    """Give the report of a file that cannot be read at all."""
    figures = dict.fromkeys((f.name for f in fields(ImportReport) if f.type is int), 0)
    return Brought({"format": "", **figures, "problems": [Problem(0, None, sentence).as_json()], "notes": []})


def _brought_before(session: Session, company_id: int, digest: str) -> Brought | None:
    """Give the figures that were kept of the same file."""
    with scopes.company(session, company_id):
        found = session.execute(select(Import.report, Import.applied_at).where(Import.digest == digest)).one_or_none()
    session.rollback()
    return None if found is None else Brought(found.report | {"problems": [], "notes": []}, found.applied_at)


def _new_import(
    session: Session, company_id: int, reading: Reading, digest: str, import_id: int | None
) -> Import | None:
    """Return a new import, unless the same file was applied meanwhile."""
    with scopes.company(session, company_id):
        company_locks.wait_for(session, CompanyLock.IMPORTS, company_id)
        if session.scalars(select(Import.id).where(Import.digest == digest)).first() is not None:
            return None
        row = Import(
            id=import_id,
            state=ImportState.PREVIEWED,
            format=reading.format,
            digest=digest,
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
    return row


def read(session: Session, company_id: int, file: WholeFile) -> Reading:
    """Read the file in the limited process, as HR said once what columns of such files mean. Raises FileRefused."""
    said = {
        "max_rows": refusals.MAX_ROWS,
        "format": file.format,
        "sheet": file.place.sheet,
        "header_row": file.place.header_row,
    }
    told = limited_task("look_at_whole", [file.content], READING_LATER, **said)
    with scopes.company(session, company_id):
        chosen = mapping.chosen(session, told["fingerprint"])
    session.rollback()
    stored, goal = store.begin()
    try:
        with goal:
            limited_task(
                "read_whole",
                [file.content, goal],
                READING_LATER,
                today=clock.today().isoformat(),
                chosen=chosen,
                **said,
            )
        return on_disk.open_reading(store.path_of(stored)).whole()
    finally:
        store.remove([stored])
