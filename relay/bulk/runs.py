"""One act on many people: at once, or by the worker in chunks where they are more than a request can wait for.

Either way it is one entry of the undo journal, and taken back as one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import actions
from relay.bulk.actions import BulkAction, Retirement
from relay.infra import jobs
from relay.models import BulkRun, EventTag, JournalEntry, event_data, journal, record
from relay.search import candidate_search
from relay.search.candidate_search import Query
from relay.search.query_values import as_values, from_values

SYNC_LIMIT = 2_000
"""As many people are done within the request; more are left to the worker."""
CHUNK_SIZE = 500
_ABOVE_ALL = 2**62


@dataclass(frozen=True)
class Done:
    """The result of an act: for how many it changed something, its entry in the journal, and whether it goes on."""

    people: int
    entry_id: int | None
    running: bool = False


def do(
    session: Session, company_id: int, action: BulkAction, people: Collection[int], *, by_user_id: int | None
) -> Done:
    """Do it to these people, in the caller's transaction; nothing is noted where nothing changed."""
    with journal.kept(session, company_id, action.kind, by_user_id=by_user_id, data=action.data()) as run:
        changed = action.apply(session, list(people), run, by_user_id=by_user_id)
        action.finish(session, run)
    return Done(changed, run.entry.id if run.entry else None)


def do_to_all(
    session: Session, company_id: int, action: BulkAction, query: Query, *, but: Collection[int], by_user_id: int | None
) -> Done:
    """Do it to everybody who fits the search, but these: now, or by the worker where they are many."""
    whom = Whom(query, frozenset(but))
    people = whom.first(session, company_id, SYNC_LIMIT + 1)
    if len(people) <= SYNC_LIMIT:
        return do(session, company_id, action, people, by_user_id=by_user_id)
    total = candidate_search.count(session, company_id, search_from_top(query))
    return _begin(session, company_id, action, whom, total, by_user_id)


def do_to_carriers(session: Session, company_id: int, action: Retirement, *, by_user_id: int | None) -> Done:
    """Give a tag or a position up, for another or for none: for everybody who has it, then the thing itself."""
    whom = Whom(None, frozenset(), action)
    people = whom.first(session, company_id, SYNC_LIMIT + 1)
    if len(people) <= SYNC_LIMIT:
        return do(session, company_id, action, people, by_user_id=by_user_id)
    return _begin(session, company_id, action, whom, action.carrier_count(session), by_user_id)


def search_from_top(query: Query) -> Query:
    """Return the same search, from its newest person on."""
    return query.by_age


@dataclass(frozen=True)
class Whom:
    """The people an act is done to: all who fit a search but some, or all who have what is given up."""

    query: Query | None
    but: frozenset[int]
    given_up: Retirement | None = None

    def first(self, session: Session, company_id: int, most: int) -> list[int]:
        """Return the newest of them, no more than `most`."""
        found: list[int] = []
        for _below, part in self.chunks(session, company_id, _ABOVE_ALL):
            found += part
            if len(found) >= most:
                break
        return found[:most]

    def chunks(self, session: Session, company_id: int, below_id: int) -> Iterator[tuple[int, list[int]]]:
        """Yield all with smaller ids, some hundred at a time, each with the id below which the rest is."""
        while part := self._next(session, company_id, below_id):
            below_id = part[-1]
            yield below_id, [person for person in part if person not in self.but]

    def _next(self, session: Session, company_id: int, below_id: int) -> list[int]:
        if self.query is None:
            assert self.given_up is not None
            return self.given_up.carriers(session, below_id, CHUNK_SIZE)
        asked = replace(search_from_top(self.query), before_id=below_id, limit=CHUNK_SIZE)
        return candidate_search.ids(session, company_id, asked)


def _begin(
    session: Session, company_id: int, action: BulkAction, whom: Whom, total: int, by_user_id: int | None
) -> Done:
    entry = journal.begin(session, company_id, action.kind, by_user_id=by_user_id, data=action.data())
    newest = whom.first(session, company_id, 1)
    conditions = as_values(whom.query) if whom.query is not None else {}
    run = BulkRun(
        company_id=company_id,
        entry_id=entry.id,
        action=action.data(),
        conditions=conditions | {"but": sorted(whom.but)},
        below_id=newest[0] + 1,
        total=total,
        created_at=clock.now(),
    )
    session.add(run)
    session.flush()
    begun = event_data.BulkBegun(act=action.kind.value, people=total)
    record(session, EventTag.BULK_BEGUN, company_id=company_id, subject=("journal-entry", entry.id), data=begun)
    jobs.enqueue(session, "bulk", key=f"bulk:{run.id}", payload={"run_id": run.id}, company_id=company_id)
    return Done(0, entry.id, running=True)


def chunks(session: Session, run: BulkRun) -> Iterator[int]:
    """Go on with an act where it is, in the company's scope; between its parts the caller may commit."""
    action = actions.read(run.action)
    whom = _whom(run, action)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.id == run.entry_id)).one()
    for below_id, people in whom.chunks(session, run.company_id, run.below_id):
        with journal.chunk(session, entry) as kept:
            action.apply(session, people, kept, by_user_id=entry.by_user_id)
        run.below_id, run.seen = below_id, run.seen + len(people)
        yield below_id
    with journal.chunk(session, entry) as kept:
        action.finish(session, kept)
    run.finished_at, run.conditions, run.total = clock.now(), None, run.seen
    yield 0


def _whom(run: BulkRun, action: BulkAction) -> Whom:
    conditions = dict(run.conditions or {})
    but: list[Any] = conditions.pop("but", [])
    if isinstance(action, Retirement):
        return Whom(None, frozenset(but), action)
    return Whom(from_values(conditions), frozenset(but))
