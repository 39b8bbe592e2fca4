"""The pairs that HR is asked about: written by the worker and by imports, read by the review queue, told apart by HR.

In the company's scope. A pair that was told apart is not shown again; that can be taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, tuple_
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates import blocking
from relay.candidates.duplicates.match_score import LIKELY, MatchScore, match_score
from relay.candidates.duplicates.reasons import Reason
from relay.candidates.duplicates.term_frequency import TermFrequencies
from relay.models import DifferentPeople, DuplicatePair, EventTag, event_data, record
from relay.models.journal import Recorder
from relay.models.keyset import Keyset, Page, descending, newest
from relay.models.prepared import read
from relay.models.upsert import upsert

PAGE = 20
_HIGHEST = Keyset(descending(DuplicatePair.rank), descending(DuplicatePair.id))
_LATEST = newest(DifferentPeople.id)
COUNT_CAP = 1_000
_FILE_FIRST = 100.0
_CHUNK_SIZE = 500
Pair = tuple[int, int]


@cache  # tricks: portal.duplicates
def _pairs(namesakes: bool) -> Select[DuplicatePair]:
    return select(DuplicatePair).where(*_shown(namesakes))


def queue(session: Session, *, namesakes: bool = False, after: str = "", limit: int = PAGE) -> Page[DuplicatePair]:
    """Select pairs: those a file called duplicates first, then by score; namesakes only where asked for."""
    return _HIGHEST.page(session, _pairs(namesakes), lambda pair: pair, after=after, limit=limit, values={})


def count(session: Session, *, namesakes: bool = False) -> int:
    """Return how many pairs wait, counted up to COUNT_CAP and one."""
    [(waiting,)] = read(session, _counted(namesakes))
    return int(waiting)


@cache  # tricks: home
def _counted(namesakes: bool) -> Select[int]:
    some = select(DuplicatePair.id).where(*_shown(namesakes)).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(some)


def find(session: Session, one: int, other: int) -> DuplicatePair | None:
    """Return the pair of these two, if it waits."""
    first, second = sorted((one, other))
    return session.scalars(
        select(DuplicatePair).where(DuplicatePair.one_id == first, DuplicatePair.other_id == second)
    ).one_or_none()


def named_by_file(session: Session, company_id: int, pairs: Iterable[Pair], recorder: Recorder | None = None) -> None:
    """Note pairs that a file itself calls duplicates (重複): they come first in the queue.

    Each begins with whom the file speaks of. `recorder` keeps them, so that they go when the file is taken back.
    """
    spoken_of = {_ordered(pair): pair[0] for pair in pairs if pair[0] != pair[1]}
    people = blocking.load(session, sorted({one for pair in spoken_of for one in pair}))
    frequencies = TermFrequencies()
    scored = {
        pair: match_score(people[pair[0]], people[pair[1]], frequencies)
        for pair in sorted(spoken_of)
        if pair[0] in people and pair[1] in people
    }
    if recorder is None:
        write(session, company_id, scored, by_file=True)
        return
    known = _ids(session, scored)
    for pair, row_id in known.items():
        recorder.will_change(DuplicatePair, [row_id], person=spoken_of[pair])
    write(session, company_id, scored, by_file=True)
    for pair, row_id in _ids(session, scored.keys() - known.keys()).items():
        recorder.made(DuplicatePair, [row_id], person=spoken_of[pair])


def _ids(session: Session, pairs: Iterable[Pair]) -> dict[Pair, int]:
    """Return the rows of these pairs that stand in the queue."""
    wanted, found = sorted(pairs), dict[Pair, int]()
    both = tuple_(DuplicatePair.one_id, DuplicatePair.other_id)
    for start in range(0, len(wanted), _CHUNK_SIZE):
        part = select(DuplicatePair.one_id, DuplicatePair.other_id, DuplicatePair.id).where(
            both.in_(wanted[start : start + _CHUNK_SIZE])
        )
        found |= {(one, other): row_id for one, other, row_id in session.execute(part)}
    return found


def write(session: Session, company_id: int, scored: Mapping[Pair, MatchScore], *, by_file: bool = False) -> None:
    """Put these pairs into the queue, or their new score; what was told apart stays out of it."""
    apart = _told_apart(session, scored)
    moment = clock.now()
    rows = [
        {
            "company_id": company_id,
            "one_id": one,
            "other_id": other,
            "score": found.score,
            "rank": round(found.score + (_FILE_FIRST if by_file else 0.0), 2),
            "by_file": by_file,
            "reasons": [Reason.NAMED_BY_FILE, *found.reasons] if by_file else list(found.reasons),
            "found_at": moment,
        }
        for (one, other), found in scored.items()
        if (one, other) not in apart
    ]
    for start in range(0, len(rows), _CHUNK_SIZE):
        statement = upsert(session, DuplicatePair)
        new = {name: statement.excluded[name] for name in ("score", "rank", "by_file", "reasons", "found_at")}
        unless_by_file = None if by_file else DuplicatePair.by_file.is_(False)
        keys = [DuplicatePair.company_id, DuplicatePair.one_id, DuplicatePair.other_id]
        changed = statement.on_conflict_do_update(index_elements=keys, set_=new, where=unless_by_file)
        session.execute(changed, rows[start : start + _CHUNK_SIZE])


def forget(session: Session, candidate_ids: Sequence[int]) -> None:
    """Take the pairs of these people out, because they are compared again; what a file named stays."""
    theirs = or_(DuplicatePair.one_id.in_(candidate_ids), DuplicatePair.other_id.in_(candidate_ids))
    session.execute(delete(DuplicatePair).where(theirs, DuplicatePair.by_file.is_(False)))


def tell_apart(session: Session, company_id: int, one: int, other: int, *, by_user_id: int | None) -> None:
    """Remember that these two are not the same person; saying so again changes nothing."""
    first, second = _ordered((one, other))
    if _told_apart(session, [(first, second)]):
        return
    pair = find(session, first, second)
    session.add(
        DifferentPeople(
            one_id=first,
            other_id=second,
            by_file=pair is not None and pair.by_file,
            by_user_id=by_user_id,
            at=clock.now(),
        )
    )
    if pair is not None:
        session.delete(pair)
    session.flush()
    _log(session, EventTag.TOLD_APART, company_id, (first, second))


def take_back(session: Session, company_id: int, apart: DifferentPeople) -> None:
    """Put the pair back into the queue: the two may be one person after all."""
    pair, by_file = (apart.one_id, apart.other_id), apart.by_file
    session.delete(apart)
    session.flush()
    people = blocking.load(session, pair)
    found = match_score(people[pair[0]], people[pair[1]], TermFrequencies())
    write(session, company_id, {pair: MatchScore(max(found.score, LIKELY), found.reasons)}, by_file=by_file)
    _log(session, EventTag.TOLD_APART_UNDONE, company_id, pair)


_TOLD_APART = select(DifferentPeople)


def apart_ones(session: Session, *, after: str = "", limit: int = PAGE) -> Page[DifferentPeople]:
    """Return who was told apart, the latest first."""
    return _LATEST.page(session, _TOLD_APART, lambda apart: apart, after=after, limit=limit, values={})


def _shown(namesakes: bool) -> list[ColumnElement[bool]]:
    return [] if namesakes else [DuplicatePair.rank >= LIKELY]


def _ordered(pair: Pair) -> Pair:
    return (pair[0], pair[1]) if pair[0] < pair[1] else (pair[1], pair[0])


def _told_apart(session: Session, pairs: Iterable[Pair]) -> set[Pair]:
    every = list(pairs)
    found: set[Pair] = set()
    for start in range(0, len(every), _CHUNK_SIZE):
        both = tuple_(DifferentPeople.one_id, DifferentPeople.other_id)
        wanted = select(DifferentPeople.one_id, DifferentPeople.other_id)
        rows = session.execute(wanted.where(both.in_(every[start : start + _CHUNK_SIZE])))
        found.update((one, other) for one, other in rows)
    return found


def _log(session: Session, tag: EventTag, company_id: int, pair: Pair) -> None:
    record(
        session,
        tag,
        company_id=company_id,
        subject=("candidate", pair[0]),
        data=event_data.CandidatePair(candidate_ids=pair),
    )
