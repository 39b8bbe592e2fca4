"""One act on many people: at once, or by the worker in portions where they are more than a request can wait for.

Either way it is one entry of the undo journal, and taken back as one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import jobs
from relay.models import BulkAct, CandidateTag, JournalEntry, journal
from relay.pool import search
from relay.pool.acts import deeds
from relay.pool.acts.deeds import Deed
from relay.pool.search import Query
from relay.pool.search.kept import as_values, from_values

AT_ONCE = 2_000
"""As many people are done within the request; more are left to the worker."""
PORTION = 500
_ABOVE_ALL = 2**62


@dataclass(frozen=True)
class Done:
    """What became of an act: for how many it changed something, its entry in the journal, and whether it goes on."""

    people: int
    entry_id: int | None
    running: bool = False


def do(session: Session, company_id: int, deed: Deed, people: Collection[int], *, by_user_id: int | None) -> Done:
    """Do it to these people, in the caller's transaction; nothing is noted where nothing changed."""
    with journal.kept(session, company_id, deed.act, by_user_id=by_user_id, data=deed.data()) as act:
        changed = deeds.do(session, deed, list(people), act, by_user_id=by_user_id)
        deeds.finish(session, deed, act)
    return Done(changed, act.entry.id if act.entry else None)


def do_to_all(
    session: Session, company_id: int, deed: Deed, query: Query, *, but: Collection[int], by_user_id: int | None
) -> Done:
    """Do it to everybody who fits the search, but these: now, or by the worker where they are many."""
    whom = Whom(query, frozenset(but))
    people = whom.first(session, company_id, AT_ONCE + 1)
    if len(people) <= AT_ONCE:
        return do(session, company_id, deed, people, by_user_id=by_user_id)
    total = search.count(session, company_id, search_from_top(query))
    return _begin(session, company_id, deed, whom, total, by_user_id)


def do_to_carriers(session: Session, company_id: int, deed: Deed, *, by_user_id: int | None) -> Done:
    """Give a tag up, for another or for none: for everybody who carries it, then the tag itself."""
    whom = Whom(None, frozenset(), deed.tag_id)
    people = whom.first(session, company_id, AT_ONCE + 1)
    if len(people) <= AT_ONCE:
        return do(session, company_id, deed, people, by_user_id=by_user_id)
    carrying = select(func.count(CandidateTag.id)).where(CandidateTag.tag_id == deed.tag_id)
    return _begin(session, company_id, deed, whom, session.scalars(carrying).one(), by_user_id)


def search_from_top(query: Query) -> Query:
    """Return the same search, from its newest person on."""
    return replace(query, before_id=None, after_id=None)


@dataclass(frozen=True)
class Whom:
    """Whom an act is done to: all who fit a search but some, or all who carry a tag."""

    query: Query | None
    but: frozenset[int]
    tag_id: int | None = None

    def first(self, session: Session, company_id: int, most: int) -> list[int]:
        """Return the newest of them, no more than `most`."""
        found: list[int] = []
        for _below, part in self.portions(session, company_id, _ABOVE_ALL):
            found += part
            if len(found) >= most:
                break
        return found[:most]

    def portions(self, session: Session, company_id: int, below_id: int) -> Iterator[tuple[int, list[int]]]:
        """All with smaller ids, some hundred at a time, each with the id below which the rest is."""
        while part := self._next(session, company_id, below_id):
            below_id = part[-1]
            yield below_id, [person for person in part if person not in self.but]

    def _next(self, session: Session, company_id: int, below_id: int) -> list[int]:
        if self.query is None:
            assert self.tag_id is not None
            return deeds.carriers(session, self.tag_id, below_id, PORTION)
        asked = replace(search_from_top(self.query), before_id=below_id, limit=PORTION)
        return [row.id for row in search.find(session, company_id, asked).rows]


def _begin(session: Session, company_id: int, deed: Deed, whom: Whom, total: int, by_user_id: int | None) -> Done:
    entry = journal.begin(session, company_id, deed.act, by_user_id=by_user_id, data=deed.data())
    newest = whom.first(session, company_id, 1)
    conditions = as_values(whom.query) if whom.query is not None else {}
    act = BulkAct(
        company_id=company_id,
        entry_id=entry.id,
        deed=deed.data(),
        conditions=conditions | {"but": sorted(whom.but)},
        below_id=newest[0] + 1,
        total=total,
        created_at=clock.now(),
    )
    session.add(act)
    session.flush()
    jobs.enqueue(session, "bulk", key=f"bulk:{act.id}", payload={"act_id": act.id}, company_id=company_id)
    return Done(0, entry.id, running=True)


def portions(session: Session, act: BulkAct) -> Iterator[int]:
    """Go on with an act where it stands, in the company's scope; between its parts the caller may commit."""
    deed, whom = Deed.read(act.deed), _whom(act)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.id == act.entry_id)).one()
    for below_id, people in whom.portions(session, act.company_id, act.below_id):
        with journal.portion(session, entry) as kept:
            deeds.do(session, deed, people, kept, by_user_id=entry.by_user_id)
        act.below_id, act.seen = below_id, act.seen + len(people)
        yield below_id
    with journal.portion(session, entry) as kept:
        deeds.finish(session, deed, kept)
    act.finished_at, act.conditions, act.total = clock.now(), None, act.seen
    yield 0


def _whom(act: BulkAct) -> Whom:
    deed, conditions = Deed.read(act.deed), dict(act.conditions or {})
    but: list[Any] = conditions.pop("but", [])
    if deed.about_a_tag:
        return Whom(None, frozenset(but), deed.tag_id)
    return Whom(from_values(conditions), frozenset(but))
