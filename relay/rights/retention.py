"""Everyone leaves on their date: whom the next runs erase, and the run itself (A-24, A-25, A-44).

A date on a page is a promise; the worker keeps it every day. While a selection goes on there is none, and one without
a step for too long gets one (`relay.hiring.unfinished`). A hold keeps a person longer (A-28), and so does a request to
be told what the record holds, until it is answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.hiring import unfinished
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    EventTag,
    Hold,
    HoldReason,
    ListedApplication,
    RetentionBasis,
    User,
    event_data,
    record,
    scopes,
)
from relay.models.keyset import Keyset, Page, ascending
from relay.models.names import names_by_id
from relay.models.prepared import numbered, one_of, read, rounded
from relay.network import profiles
from relay.rights import request_register
from relay.rights.erasure import erase_candidates, erase_ended_profiles

_SOONEST = Keyset(ascending(Candidate.retain_until), ascending(Candidate.id))
CHUNK_SIZE = 500
"""How many people one run erases per company, so that no other writer waits long."""
COUNT_CAP = 1_000


@dataclass(frozen=True)
class Leaving:
    """Someone whose last day comes near."""

    candidate_id: int
    name: str
    basis: RetentionBasis
    last_day: date
    is_unfinished: bool = False
    """Whether a selection has no result: with a step or a result they stay."""


@dataclass(frozen=True)
class LeavingSoon:
    """How many leave in the coming days, of them how many in a selection, and the first one's last day.

    Both numbers are counted up to COUNT_CAP + 1.
    """

    count: int
    unfinished: int
    first: date | None


@dataclass(frozen=True)
class NextRun(LeavingSoon):
    """The same, with a page of the people."""

    page: Page[Leaving]


@dataclass(frozen=True)
class HeldPerson:
    """Someone whose erasure is put off: their own last day, why it is put off, until when, and who answers for it."""

    candidate_id: int
    name: str
    last_day: date | None
    reason: HoldReason
    until: date
    owner: str


@dataclass(frozen=True)
class Due:
    """The outcome of a run in one company, foreseen: how many leave by basis, the first records, how many are held."""

    company_id: int
    by_basis: Mapping[RetentionBasis, int]
    first: Sequence[int]
    held: int

    @property
    def count(self) -> int:
        """Return how many leave."""
        return sum(self.by_basis.values())


@dataclass(frozen=True)
class Left:
    """How many left one company in a run, and how many are still to leave it."""

    company_id: int
    count: int
    remaining: int = 0


def leaving_soon(session: Session, *, days: int = 30) -> LeavingSoon:
    """Count the people of the company in scope who leave within `days`."""
    held: set[int] = {id_ for (id_,) in read(session, _held())}
    held |= {each.candidate_id for each in request_register.asked_about(session)}
    who = rounded(sorted(held))
    asked = {"until": _until(days), "most": COUNT_CAP + 1} | numbered("held", who)
    return LeavingSoon(*read(session, _counted(len(who)), **asked)[0])


def next_run(session: Session, *, days: int = 30, after: str = "", before: str = "", limit: int = 20) -> NextRun:
    """Give the people of the company in scope who leave within `days`, soonest first."""
    values = {"until": _until(days)}
    page = _SOONEST.page(session, _soonest(), Leaving, after=after, before=before, limit=limit, values=values)
    return NextRun(**vars(leaving_soon(session, days=days)), page=page)


def _until(days: int) -> date:
    return clock.today() + timedelta(days=days)


@cache  # tricks: home
def _held() -> Select[int]:
    return select(Hold.candidate_id).where(*holds.conditions())


@lru_cache(maxsize=32)  # tricks: home
def _counted(many: int) -> Select[int, int, date]:
    """Count who leaves by `until`, without those kept back after all (so many), and of them those in a selection.

    Those in a selection who have a date are in an index of their own: nobody's applications are looked at.
    """
    until = bindparam("until", type_=Date())
    dated = select(Candidate.id).where(~one_of(Candidate.id, "held", many), *_dated(until))
    running = (
        select(ListedApplication.candidate_id)
        .where(
            ~one_of(ListedApplication.candidate_id, "held", many),
            ListedApplication.status == literal(ApplicationResult.OPEN, literal_execute=True),
            ListedApplication.retain_until.is_not(None),
            ListedApplication.retain_until <= until,
        )
        .distinct()
    )
    most = bindparam("most", type_=Integer())
    counted = (select(func.count()).select_from(each.limit(most).subquery()) for each in (dated, running))
    first = dated.with_only_columns(Candidate.retain_until).order_by(Candidate.retain_until).limit(1)
    return select(*(each.scalar_subquery() for each in (*counted, first)))


@cache  # tricks: home
def _soonest() -> Select[*tuple[Any, ...]]:
    columns = (Candidate.id, Candidate.name, Candidate.basis, Candidate.retain_until, unfinished.runs())
    return select(*columns).where(*leaving(bindparam("until", type_=Date())))


_PUT_OFF = (
    select(Candidate.id, Candidate.name, Candidate.retain_until, Hold.reason, Hold.until, Hold.owner_user_id)
    .join(Hold, Hold.candidate_id == Candidate.id)
    .where(*holds.conditions())
    .order_by(Hold.until, Hold.id)
    .limit(bindparam("most", type_=Integer()))
)


def held_people(session: Session, *, limit: int = 50) -> Sequence[HeldPerson]:
    """Give those of the company in scope whose erasure is put off, the hold that ends first at the top."""
    rows = session.execute(_PUT_OFF, {"most": limit}).all()
    owners = names_by_id(session, User.name, (row.owner_user_id for row in rows))
    return [HeldPerson(*row[:-1], owners.get(row.owner_user_id, "")) for row in rows]


def due(session: Session, *, first: int = 20) -> list[Due]:
    """Say what `run` would do now, and do nothing: by company and basis, with the numbers of the first records."""
    past = clock.today() - timedelta(days=1)
    found: dict[int, dict[RetentionBasis, int]] = {}
    with scopes.everyone(session, "retention: which companies have people past their date"):
        counts = select(Candidate.company_id, Candidate.basis, func.count()).where(*leaving(past))
        for company_id, basis, count in session.execute(counts.group_by(Candidate.company_id, Candidate.basis)):
            found.setdefault(company_id, {})[basis] = count
        kept = select(Candidate.company_id, func.count()).where(*_dated(past), is_kept_back())
        held = dict(session.execute(kept.group_by(Candidate.company_id)).all())
    return [
        Due(company_id, found.get(company_id, {}), _first(session, company_id, past, first), held.get(company_id, 0))
        for company_id in sorted(found.keys() | held.keys())
    ]


def date_unfinished(session: Session) -> Iterator[int]:
    """Set the days of people in selections without a result (A-24), in every company; to be called before `run`.

    Yields how many people of a company were looked at; between, the caller commits.
    """
    with scopes.everyone(session, "retention: which companies have selections without a result"):
        companies = session.scalars(select(Application.company_id).where(unfinished.OPEN).distinct()).all()
    for company_id in sorted(companies):
        after: int | None = 0
        while after is not None:
            with scopes.company(session, company_id):
                ids = unfinished.people(session, after=after)
                unfinished.date_people(session, company_id, ids)
            yield len(ids)
            after = ids[-1] if ids else None


def run(session: Session) -> list[Left]:
    """Erase everyone whose last day has passed, in every company.

    Idempotent: a person who is gone is not found again. At most CHUNK_SIZE of a company leave at a time; `remaining`
    says how many are left for the next call.
    """
    past = clock.today() - timedelta(days=1)
    with scopes.everyone(session, "retention: which companies have people past their date"):
        counts = select(Candidate.company_id, func.count()).where(*leaving(past)).group_by(Candidate.company_id)
        found = [(company_id, count) for company_id, count in session.execute(counts.order_by(Candidate.company_id))]
    return [_leave(session, company_id, past, count) for company_id, count in found]


def run_profiles(session: Session, *, after: int = 0) -> list[int]:
    """Erase registered people whose last consent ended 30 days ago; returns whom, at most CHUNK_SIZE.

    Call it with `after` the last of them until none is left, each in a transaction of its own.
    """
    ids = list(profiles.ended(session, after=after, limit=CHUNK_SIZE))
    if ids:
        erase_ended_profiles(session, ids)
    return ids


def _leave(session: Session, company_id: int, past: date, found: int) -> Left:
    with scopes.company(session, company_id):
        count = erase_candidates(session, company_id, _first(session, company_id, past, CHUNK_SIZE), cause="retention")
        record(session, EventTag.RETENTION_RAN, company_id=company_id, data=event_data.Counted(count=count))
    return Left(company_id, count, found - count)


def _first(session: Session, company_id: int, past: date, limit: int) -> Sequence[int]:
    soonest = select(Candidate.id).where(*leaving(past)).order_by(Candidate.retain_until, Candidate.id).limit(limit)
    with scopes.company(session, company_id):
        return session.scalars(soonest).all()


def leaving(until: date | ColumnElement[date]) -> list[ColumnElement[Any]]:
    """Return the conditions, on a query of candidates, that they leave by the end of that day."""
    return [*_dated(until), ~is_kept_back()]


def is_kept_back() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that the calendar does not erase them today.

    A hold is in force, or they asked what their record holds and have no answer yet (A-28, A-29).
    """
    return holds.is_held() | request_register.is_asked_about()


def _dated(until: date | ColumnElement[date]) -> list[ColumnElement[bool]]:
    return [Candidate.retain_until.is_not(None), Candidate.retain_until <= until]
