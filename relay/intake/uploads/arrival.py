"""A file that arrives: read once, in the limited process, and kept until its answers are given.

Its bytes lie in a file without a name, so whatever happens nothing of them is left. A place is reserved before
anything is read, in a transaction of its own; so nobody has more files waiting than allowed, nor two read at once. What
was read stays a day at most, and goes with any erasure.
"""

import math
import os
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from threading import BoundedSemaphore
from typing import IO, Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.infra import jobs, limited
from relay.infra.jobs import JobKind, Queue
from relay.infra.limited import Limits
from relay.intake.planning.plan import NOTHING_ANSWERED
from relay.intake.reading import refusals
from relay.intake.reading.sources import SHEET
from relay.intake.reading.table import Place
from relay.intake.rows import mapping
from relay.intake.rows.columns import DROP
from relay.intake.rows.row import ROW
from relay.intake.uploads import later, on_disk, preview, waiting
from relay.intake.uploads.later import SYNC_LIMIT, key_of
from relay.intake.uploads.preview import Figures
from relay.intake.writing import applying
from relay.models import Actor, EventTag, Import, ImportState, Job, act_as, acting, company_locks, record, scopes
from relay.models.company_locks import CompanyLock

KIND = "read-import"
_SHEET, _PLACE, _LEFT = "sheet", "place", "left_rows"
"""In the report of a file that waits: the number of the sheet that is read, where HR says that its table is, and rows
that stay behind, by the number of their sheet."""
AT_ONCE_BYTES = 4 * refusals.MEGABYTE
"""Cells of a file that are read within the request, as long as they are of no more than AT_ONCE rows."""
AT_ONCE_HERE = 2
"""So many requests of one process read at once; its other threads go on answering."""
GIVEN_UP = timedelta(minutes=1)
"""After so long nobody reads any more what a request began to read."""
PATIENCE = 3.5
"""Seconds after which a request gives up a file that came; the limited process is ended by the system then."""
READER = on_disk.__name__
"""The module that the limited process loads; a file is read by its functions."""
_MEMORY = 1 << 30
READING_LATER = Limits(memory=_MEMORY, written=refusals.MAX_WAITING_BYTES, processor=60, clock=180)
_places = BoundedSemaphore(AT_ONCE_HERE)


def receive(session: Session, company_id: int, sent: IO[bytes], *, by_user_id: int | None) -> Import:
    """Read a file and keep it for a look, in transactions of its own; needs the company's scope.

    A large one is left to the worker once its cells are found. Raises FileRefused, and then nothing is kept.
    """
    with _a_place_to_read():
        row = _reserve(session, company_id, sent, by_user_id)
        try:
            until = _from_now()
            shape = _tabulate(session, row, sent, _until(until))
            if is_large(row):
                _leave_to_worker(session, row, shape, by_user_id)
            else:
                _read(session, row, shape, _until(until))
        except BaseException:
            session.rollback()
            _withdraw(session, row)
            raise
    return row


def read_again(session: Session, row: Import, shape: str, *, by_user_id: int | None) -> None:
    """Read the kept cells again, as HR says now what the columns of files of this shape mean. Raises FileRefused."""
    if is_large(row):
        row.state = ImportState.READING
        _leave_to_worker(session, row, shape, by_user_id)
        return
    with _a_place_to_read():
        _read(session, row, shape, _until(_from_now()))


def leave_out(session: Session, row: Import, shape: str, rows: Collection[int], *, by_user_id: int | None) -> None:
    """Read the kept cells again without these rows, as a spreadsheet numbers them. Raises FileRefused."""
    row.report = row.report | {_LEFT: row.report.get(_LEFT, {}) | {str(sheet_of(row)): sorted(rows)}}
    session.commit()
    read_again(session, row, shape, by_user_id=by_user_id)


def left_rows(row: Import) -> list[int]:
    """Return the rows that HR wants to stay behind, of the sheet of a waiting file that is read."""
    return list(row.report.get(_LEFT, {}).get(str(sheet_of(row)), ()))


def sheet_of(row: Import) -> int:
    """Return the number of the sheet of a waiting workbook that is read, 0 of other files."""
    return int(row.report.get(_SHEET, 0))


def choose_place(session: Session, row: Import, place: Place, *, by_user_id: int | None) -> None:
    """Read the kept cells again where HR says that the table is. Raises FileRefused, and then all stays as it was."""
    with store.path_of(row.table_stored_as or "").open("rb") as cells:
        told = limited_task("find_again", [cells], _until(_from_now()), max_rows=refusals.MAX_ROWS, place=asdict(place))
    before = row.report
    row.report = before | _found(told) | {_PLACE: asdict(place)}
    session.commit()
    try:
        read_again(session, row, told["fingerprint"], by_user_id=by_user_id)
    except refusals.FileRefused:
        session.rollback()
        row.report = before
        session.commit()
        raise


def is_large(row: Import) -> bool:
    """Return whether the worker reads and applies the file, not the request."""
    return row.report["rows"] > SYNC_LIMIT or row.size > AT_ONCE_BYTES


def do(session: Session, job: Job) -> None:
    """Read a large file; one that was dropped meanwhile is left alone, one that cannot be read is discarded."""
    with scopes.company(session, scopes.required(job.company_id)):
        row = session.scalars(select(Import).where(Import.id == job.payload["import_id"])).one_or_none()
        if row is None or row.state is not ImportState.READING:
            return
        worker = acting(session)
        act_as(session, Actor("user", job.payload["by_user_id"]))
        try:
            _read(session, row, job.payload["shape"], READING_LATER)
        except refusals.FileRefused as refused:
            session.rollback()
            applying.let_go(session, [row])
            row.state, row.report = ImportState.DISCARDED, row.report | {"refused": str(refused)}
        finally:
            act_as(session, worker)


def discard(session: Session, row: Import) -> bool:
    """Drop a file that is not to be applied; one that was applied, or with which the worker is busy, stays as it is."""
    given_up = (row.state is ImportState.QUEUED and later.gave_up(session, row)) or (
        row.state is ImportState.READING and later.gave_up(session, row, kind=KIND)
    )
    if row.state is not ImportState.PREVIEWED and not given_up:
        return False
    applying.let_go(session, [row])
    row.state = ImportState.DISCARDED
    return True


@contextmanager
def _a_place_to_read() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise refusals.ReadingAnother
    try:
        yield
    finally:
        _places.release()


# what the company has waiting


def _reserve(session: Session, company_id: int, sent: IO[bytes], by_user_id: int | None) -> Import:
    """Take a place among the files that wait, committed. Raises ReadingAnother, TooManyWaiting, TooMuchWaiting."""
    size = os.fstat(sent.fileno()).st_size
    if size > refusals.MAX_BYTES:
        raise refusals.FileTooLarge(megabytes=refusals.MAX_BYTES // refusals.MEGABYTE)
    company_locks.wait_for(session, CompanyLock.UPLOADS, company_id)
    begun = (Import.state == ImportState.READING) & Import.table_stored_as.is_(None)
    session.execute(delete(Import).where(begun, Import.created_at <= clock.now() - GIVEN_UP))
    rows = session.execute(
        select(Import.state, Import.table_stored_as, Import.size).where(Import.state.in_(waiting.STATES))
    ).all()
    if any(state is ImportState.READING and table is None for state, table, _size in rows):
        raise refusals.ReadingAnother
    if len(rows) >= refusals.MAX_WAITING_FILES:
        raise refusals.TooManyWaiting(limit=refusals.MAX_WAITING_FILES)
    _refuse_too_much(sum(row.size for row in rows) + size)
    row = Import(
        state=ImportState.READING,
        format=SHEET.name,
        size=size,
        report={"rows": 0, "problems": 0},
        created_at=clock.now(),
        by_user_id=by_user_id,
    )
    session.add(row)
    session.commit()
    return row


def _refuse_too_much(size: int) -> None:
    if size > refusals.MAX_WAITING_BYTES:
        raise refusals.TooMuchWaiting(megabytes=refusals.MAX_WAITING_BYTES // refusals.MEGABYTE)


def _withdraw(session: Session, row: Import) -> None:
    """Give the place back; a file that was dropped meanwhile, by an erasure, stays told of."""
    found = _locked(session, row)
    if found is not None and found.state is ImportState.READING:
        applying.let_go(session, [found])
        session.delete(found)
    session.commit()


def _locked(session: Session, row: Import) -> Import | None:
    wanted = select(Import).where(Import.id == row.id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


# reading


def _tabulate(session: Session, row: Import, sent: IO[bytes], most: Limits) -> str:
    """Find the cells of the file and keep them, committed; returns the fingerprint of its columns."""
    sent.seek(0)
    stored, told = _made("tabulate", sent, most, max_rows=refusals.MAX_ROWS)
    found = _locked(session, row)
    if found is None or found.state is not ImportState.READING:
        store.remove([stored])
        raise refusals.DroppedMeanwhile
    found.table_stored_as, found.size = stored, store.path_of(stored).stat().st_size
    found.format, found.report = told["format"], {"problems": 0} | _found(told)
    others = select(Import.size).where(Import.state.in_(waiting.STATES), Import.id != row.id)
    _refuse_too_much(found.size + sum(session.scalars(others)))
    session.commit()
    return str(told["fingerprint"])


def _read(session: Session, row: Import, shape: str, most: Limits) -> None:
    """Read the kept cells, work out what applying them would do, and let the file wait for answers, committed."""
    cells, chosen = store.path_of(row.table_stored_as or ""), mapping.chosen(session, shape)
    chosen |= {f"{ROW}{number}": DROP for number in left_rows(row)}
    place = row.report.get(_PLACE, {})
    session.rollback()
    with cells.open("rb") as table:
        stored, _none = _made("read", table, most, today=clock.today().isoformat(), chosen=chosen, place=place)
    made = [stored]
    try:
        reading = on_disk.open_reading(store.path_of(stored))
        drawn = None
        if reading.is_certain and not reading.refused:
            drawn = draw_people(session, row.company_id, reading)
            made.append(drawn.stored_as)
        if not _put(session, row, stored, reading, drawn):
            raise refusals.DroppedMeanwhile
        session.commit()
    except BaseException:
        store.remove(made)
        raise


class Drawn(NamedTuple):
    """The result of applying a file, before it is done: in figures, and the stored name of its people."""

    figures: Figures
    stored_as: str


def draw_people(session: Session, company_id: int, reading: on_disk.KeptReading) -> Drawn:
    """Work out what applying a file would do while nothing is answered, and write down its people."""
    stored, goal = store.begin()
    try:
        with goal:
            found = preview.work_out(session, company_id, reading.whole(), NOTHING_ANSWERED, people=goal)
            goal.flush()
            os.fsync(goal.fileno())
    except BaseException:
        store.remove([stored])
        raise
    return Drawn(found, stored)


def keep_people(session: Session, row: Import, drawn: Drawn) -> None:
    """Keep what was drawn of a file that waits; what was drawn before leaves the disk with the transaction."""
    if row.people_stored_as is not None:
        store.remove_after_commit(session, [row.people_stored_as])
    row.people_stored_as = drawn.stored_as
    preview.keep_figures(row, drawn.figures, NOTHING_ANSWERED)


def _put(
    session: Session,
    row: Import,
    stored: str,
    reading: on_disk.KeptReading,
    drawn: Drawn | None,
) -> bool:
    """Let the file wait with what was read; returns whether it is still there."""
    row_now = _locked(session, row)
    if row_now is None or row_now.state not in (ImportState.READING, ImportState.PREVIEWED):
        return False
    old = (row_now.reading_stored_as, row_now.people_stored_as)
    store.remove_after_commit(session, [name for name in old if name is not None])
    row_now.people_stored_as = None
    kept = (row_now.table_stored_as, stored, drawn.stored_as if drawn else None)
    sizes = (store.path_of(name).stat().st_size for name in kept if name)
    row_now.state, row_now.reading_stored_as, row_now.size = ImportState.PREVIEWED, stored, sum(sizes)
    row_now.report = row_now.report | {
        "rows": reading.row_count or row_now.report["rows"],
        "problems": _to_do(reading),
    }
    row_now.format, row_now.figures = reading.format or row_now.format, None
    if drawn is not None:
        keep_people(session, row_now, drawn)
        record(session, EventTag.IMPORT_PREVIEWED, company_id=row.company_id, subject=("import", row.id))
    return True


def _to_do(reading: on_disk.KeptReading) -> int:
    """Return how much is to be put right: the rows named, or the columns."""
    return reading.problems.count if reading.is_certain else 1


def _from_now() -> float:
    """Return the moment at which a file is given up, counted from when it can be read. Raises ReadingEnded."""
    try:
        limited.wait_until_ready(READER)
    except limited.Ended as error:
        raise refusals.ReadingEnded from error
    return time.monotonic() + PATIENCE


def _until(end: float) -> Limits:
    """Return what a task may take whose request has to be answered at this moment of the monotonic clock."""
    left = max(0.1, end - time.monotonic())
    return Limits(memory=_MEMORY, written=refusals.MAX_WAITING_BYTES, processor=math.ceil(left), clock=left)


def _made(task: str, source: IO[bytes], most: Limits, **said: Any) -> tuple[str, Any]:
    """Let the limited process make a file of `source`; returns its stored name and what was told.

    Raises FileRefused.
    """
    stored, goal = store.begin()
    try:
        with goal:
            told = limited_task(task, [source, goal], most, **said)
            os.fsync(goal.fileno())
    except BaseException:
        store.remove([stored])
        raise
    return stored, told


def limited_task(task: str, files: Sequence[IO[bytes]], most: Limits, **said: Any) -> Any:
    """Do a task in the limited process; returns what it tells. Raises FileRefused."""
    try:
        told = limited.run(READER, task, files, most, **said)
    except limited.Ended as error:
        raise refusals.ReadingEnded from error
    if told is not None and "refused" in told:
        raise refusals.FileRefused(told["refused"])
    return told


def _found(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the report of a waiting file says of the table that was found."""
    return {"rows": told["rows"], _SHEET: told["sheet"]}


def _leave_to_worker(session: Session, row: Import, shape: str, by_user_id: int | None) -> None:
    payload = {"import_id": row.id, "shape": shape, "by_user_id": by_user_id}
    key = f"{key_of(row, KIND)}{clock.now():%Y%m%dT%H%M%S%f}"
    jobs.enqueue(session, KIND, key=key, payload=payload, company_id=row.company_id)
    session.commit()


JOBS = (JobKind(KIND, do, Queue.BULK_ACTIONS),)
