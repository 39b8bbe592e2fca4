"""The register of a company's requests: what is open, what an address asked, and its records (A-29, A-30)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select, union_all
from sqlalchemy.orm import Session

from relay.candidates.holds import LONGEST
from relay.models import Candidate, DataRequest, RequestKind, RequestState, moments
from relay.models.keyset import Keyset, Page, ascending, descending
from relay.models.prepared import read

DUE = timedelta(days=14)
"""The law says 遅滞なく; this is our word (A-30)."""
AMBER, RED = timedelta(days=7), timedelta(days=12)
"""After how many days an open request is shown as one that presses."""
PAGE = 50
KEEPS_BACK = (RequestKind.DISCLOSURE, RequestKind.PROVISIONS)
"""Kinds whose answer is the record itself: while one is open, the calendar does not erase the record."""
MAX_KEPT_BACK = 1_000
_OPEN = Keyset(ascending(DataRequest.due_on), ascending(DataRequest.id))
_CLOSED = Keyset(descending(DataRequest.closed_at), descending(DataRequest.id))


class AskedAbout(NamedTuple):
    """A record that is not erased by the calendar, because a request about it waits for its answer."""

    candidate_id: int
    name: str
    request_id: int
    due_on: date


def of_address(session: Session, key: str) -> Sequence[DataRequest]:
    """Return what an address asked the company in scope, the newest first."""
    mine = select(DataRequest).where(DataRequest.address == key, DataRequest.address != "")
    return session.scalars(mine.order_by(DataRequest.id.desc()).limit(PAGE)).all()


_ARE_OPEN = select(DataRequest).where(DataRequest.state == RequestState.OPEN)
_ARE_CLOSED = select(DataRequest).where(DataRequest.state != RequestState.OPEN)


def listed(session: Session, *, closed: bool, after: str = "", before: str = "") -> Page[DataRequest]:
    """Return a page of the company's requests: the open ones by their day, the closed ones by when they were."""
    order, wanted = (_CLOSED, _ARE_CLOSED) if closed else (_OPEN, _ARE_OPEN)
    return order.page(session, wanted, lambda request: request, after=after, before=before, limit=PAGE, values={})


_OPEN_OF_RECORD = (
    select(DataRequest)
    .where(DataRequest.candidate_id == bindparam("person"), DataRequest.state == RequestState.OPEN)
    .order_by(*_OPEN.order())
    .limit(PAGE)
)


def is_open() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that a request about the record is open."""
    theirs = (DataRequest.company_id == Candidate.company_id, DataRequest.candidate_id == Candidate.id)
    return exists().where(*theirs, DataRequest.state == RequestState.OPEN)


def open_of_record(session: Session, candidate_id: int) -> Sequence[DataRequest]:
    """Return the open requests that are about a record, the nearest day first, a page of them at most."""
    return session.scalars(_OPEN_OF_RECORD, {"person": candidate_id}).all()


OPEN_ROWS = select(func.count(), func.min(DataRequest.due_on)).where(DataRequest.state == RequestState.OPEN)


def still_open(session: Session) -> tuple[int, date | None]:
    """Return how many requests wait for an answer, and the day of the first; None without any."""
    [(count, first)] = read(session, OPEN_ROWS)
    return count, first


def is_asked_about() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that a request to be told of the record is open.

    By the record the request is about, or by its address, where several records have that.
    """
    waits = (DataRequest.company_id == Candidate.company_id, *_keeps_back())
    by_address = (DataRequest.address != "", DataRequest.address == Candidate.email_key)
    return exists().where(*waits, DataRequest.candidate_id == Candidate.id) | exists().where(*waits, *by_address)


def asked_about(session: Session) -> list[AskedAbout]:
    """Return the records of the company in scope that wait for such an answer, the nearest day first."""
    found: dict[int, AskedAbout] = {}
    rows = (AskedAbout(*row) for row in read(session, _ASKED_ABOUT))
    for each in sorted(rows, key=lambda each: (each.due_on, each.request_id)):
        found.setdefault(each.candidate_id, each)
    return list(found.values())


def _keeps_back() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions, on requests, that one keeps its record: for a year at most, as a hold would (A-28)."""
    recent = DataRequest.received_on >= moments.today(-LONGEST)
    return DataRequest.state == RequestState.OPEN, DataRequest.kind.in_(KEEPS_BACK), recent


def _asked_about(*theirs: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = select(Candidate.id, Candidate.name, DataRequest.id, DataRequest.due_on).where(*_keeps_back())
    joined = columns.join(DataRequest, and_(DataRequest.company_id == Candidate.company_id, *theirs))
    return select(joined.order_by(DataRequest.due_on, DataRequest.id).limit(MAX_KEPT_BACK).subquery())


_ASKED_ABOUT: Select[*tuple[Any, ...]] = select(
    union_all(
        _asked_about(DataRequest.candidate_id == Candidate.id),
        _asked_about(DataRequest.address != "", DataRequest.address == Candidate.email_key),
    ).subquery()
)
"""By the record the request is about, and by its address; joined by OR, everybody would be looked at."""


_ONE = select(DataRequest).where(DataRequest.id == bindparam("request")).execution_options(populate_existing=True)


def find(session: Session, request_id: int, *, hold: bool = False) -> DataRequest | None:
    """Return one request of the company in scope; with `hold`, locked until the transaction ends."""
    return session.scalars(_ONE.with_for_update() if hold else _ONE, {"request": request_id}).one_or_none()


def records_of(session: Session, key: str) -> Sequence[Candidate]:
    """Return the records of an address, a few at most: mostly one."""
    mine = select(Candidate).where(Candidate.email_key == key, Candidate.email_key != "")
    return session.scalars(mine.order_by(Candidate.id).limit(10)).all()


def record_of(session: Session, key: str) -> int | None:
    """Return the one record of an address; None where there is none, or more than one."""
    found = records_of(session, key)
    return found[0].id if len(found) == 1 else None
