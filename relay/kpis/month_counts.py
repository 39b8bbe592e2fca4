"""How many cases there are of each kind, by month, key and number: counted by the page or kept by the worker.

A company of a few thousand applications is counted when a page asks. Of a larger one the worker keeps the counts, a
row a month, key and number, recounted every night, and a page reads those with the time of the count. Both come from
the same statements. Cases of people who were erased since are added as they were on the day of the erasure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import only_reading
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.kpis.catalogue import CASES
from relay.models import Application, CaseKind, Job, MonthCount, Recount, scopes
from relay.models.days import first_of_month
from relay.models.prepared import read
from relay.models.upsert import upsert

KIND = "recount"
COUNTED_BY_PAGE = 3_000
"""Applications of a company up to which a page counts the cases itself (bench: insights)."""
CHUNK_SIZE = 200
"""Rows of one INSERT: SQLite allows 32,766 parameters in all."""
WORKER = "worker: which companies are too large to be counted by a page"


class Cell(NamedTuple):
    """The cell of a count: a month by its first day, a key and a number."""

    month: date
    key: str
    number: int


class Count(NamedTuple):
    """Cases that can be looked at one by one, and those of people who were erased since."""

    living: int = 0
    erased: int = 0

    @property
    def all(self) -> int:
        """Return both together."""
        return self.living + self.erased

    def plus(self, other: "Count") -> "Count":
        """Return the sum of two counts."""
        return Count(self.living + other.living, self.erased + other.erased)


@dataclass(frozen=True)
class Counts:
    """The counts of some kinds, and when they were taken; None says that they are of this moment."""

    cells: Mapping[CaseKind, Mapping[Cell, Count]]
    at: datetime | None = None
    awaited: bool = False
    """Whether the worker is yet to count the company for the first time."""

    def total(self, kind: CaseKind, *, key: str | None = None) -> Count:
        """Return how many cases of a kind there are in all, or those of one key."""
        found = (count for cell, count in self.cells[kind].items() if key is None or cell.key == key)
        return _sum(found)

    def by_key(self, kind: CaseKind) -> dict[str, Count]:
        """Return the sum of each key."""
        return self._by(kind, lambda cell: cell.key)

    def by_month(self, kind: CaseKind) -> dict[date, Count]:
        """Return the sum of each month."""
        return self._by(kind, lambda cell: cell.month)

    def by_number(self, kind: CaseKind, *, key: str | None = None) -> dict[int, Count]:
        """Return the sum of each number, of one key or of all."""
        return self._by(kind, lambda cell: cell.number, key=key)

    def _by(self, kind: CaseKind, part: Any, *, key: str | None = None) -> dict[Any, Count]:
        parts: dict[Any, list[Count]] = defaultdict(list)
        for cell, count in self.cells[kind].items():
            if key is None or cell.key == key:
                parts[part(cell)].append(count)
        return {value: _sum(counts) for value, counts in parts.items()}


def of(session: Session, kinds: Sequence[CaseKind], since: date, until: date) -> Counts:
    """Return the counts of the company in scope, in the months from `since` to `until`, both by their first day."""
    by_page = _is_small(session)
    at = None if by_page else _counted_at(session)
    awaited = not by_page and at is None
    cells: dict[CaseKind, dict[Cell, Count]] = {kind: {} for kind in kinds}
    for row in read(session, _kept_of(tuple(kinds), by_page), since=since, until=until):
        living = 0 if by_page else row.living
        cells[row.kind][Cell(row.month, row.key, row.number)] = Count(living, row.erased)
    if by_page:
        before = (until + timedelta(days=31)).replace(day=1)
        for kind in kinds:
            for row in read(session, _counted(kind), since=since, before=before):
                cell = Cell(row.month, row.key, row.number)
                cells[kind][cell] = cells[kind].get(cell, Count()).plus(Count(row.n))
    there = {kind: {cell: n for cell, n in found.items() if n.all} for kind, found in cells.items()}
    return Counts(there, at, awaited)


def keep_erased(session: Session, company_id: int, candidate_ids: Sequence[int]) -> None:
    """Add the cases of people who are about to be erased to those that go on counting, in the caller's transaction."""
    rows = []
    for kind, cases in CASES.items():
        if not cases.kept:
            continue
        found = cases.select.subquery()
        wanted = _grouped(found).where(found.c.candidate_id.in_(candidate_ids))
        for row in session.execute(wanted):
            cell = {"kind": kind, "month": row.month, "key": row.key, "number": row.number}
            rows.append({"company_id": company_id, **cell, "living": 0, "erased": row.n})
    for part in _parts(rows):
        insert = upsert(session, MonthCount).values(part)
        more = {"erased": MonthCount.erased + insert.excluded.erased}
        session.execute(insert.on_conflict_do_update(index_elements=_CELL, set_=more))


def recount(session: Session, company_id: int) -> None:
    """Count every kind of a company and keep it. Reading holds no writer up; the rows are then written at once."""
    with scopes.company(session, company_id):
        session.commit()
        with only_reading():
            found = {kind: session.execute(_grouped(cases.select.subquery())).all() for kind, cases in CASES.items()}
            session.commit()
        session.execute(update(MonthCount).where(MonthCount.living != 0).values(living=0))
        rows = [
            {
                "company_id": company_id,
                "kind": kind,
                "month": row.month,
                "key": row.key,
                "number": row.number,
                "living": row.n,
                "erased": 0,
            }
            for kind, counted in found.items()
            for row in counted
        ]
        insert = upsert(session, MonthCount)
        insert = insert.on_conflict_do_update(index_elements=_CELL, set_={"living": insert.excluded.living})
        for part in _parts(rows):
            session.execute(insert, part)
        mark = upsert(session, Recount).values(company_id=company_id, at=clock.now())
        session.execute(mark.on_conflict_do_update(index_elements=[Recount.company_id], set_={"at": mark.excluded.at}))
        session.flush()


_CELL = [MonthCount.company_id, MonthCount.kind, MonthCount.month, MonthCount.key, MonthCount.number]
_SOME = select(Application.id).limit(COUNTED_BY_PAGE + 1).subquery()
_HOW_MANY = select(func.count()).select_from(_SOME)
_COUNTED_AT = select(Recount.at)


def _is_small(session: Session) -> bool:
    [(number,)] = read(session, _HOW_MANY)
    return bool(number <= COUNTED_BY_PAGE)


def _counted_at(session: Session) -> datetime | None:
    rows = read(session, _COUNTED_AT)
    return rows[0].at if rows else None


def _grouped(found: Any) -> Select[*tuple[Any, ...]]:
    month = first_of_month(found.c.day).label("month")
    columns = (month, found.c.key, found.c.number)
    return select(*columns, func.count().label("n")).group_by(*columns)


@cache  # tricks: portal.insights
def _counted(kind: CaseKind) -> Select[*tuple[Any, ...]]:
    """Return the statement that counts a kind from one day until before another."""
    found = CASES[kind].select.subquery()
    since, before = bindparam("since", type_=Date()), bindparam("before", type_=Date())
    return _grouped(found).where(found.c.day >= since, found.c.day < before)


@cache  # tricks: portal.insights
def _kept_of(kinds: tuple[CaseKind, ...], erased_alone: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement of the kept counts between two months: all of them, or those of erased people alone."""
    wanted = [
        MonthCount.kind.in_(kinds),
        MonthCount.month >= bindparam("since", type_=Date()),
        MonthCount.month <= bindparam("until", type_=Date()),
        *([MonthCount.erased != 0] if erased_alone else []),
    ]
    columns = (MonthCount.month, MonthCount.key, MonthCount.number, MonthCount.living, MonthCount.erased)
    return select(MonthCount.kind, *columns).where(*wanted)


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), CHUNK_SIZE):
        yield rows[start : start + CHUNK_SIZE]


def _sum(counts: Iterable[Count]) -> Count:
    living = erased = 0
    for count in counts:
        living, erased = living + count.living, erased + count.erased
    return Count(living, erased)


def _run(session: Session, job: Job) -> None:
    """Recount the companies that a page does not count, one a transaction."""
    with scopes.everyone(session, WORKER):
        large = select(Application.company_id).group_by(Application.company_id)
        wanted = list(session.scalars(large.having(func.count() > COUNTED_BY_PAGE)))
    for company_id in wanted:
        recount(session, company_id)
        jobs.go_on(session, job)


JOBS = (JobKind(KIND, _run),)
