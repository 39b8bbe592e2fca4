"""Jobs of the worker: each new or changed person is compared with those who share a key, some hundred at a time."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay.candidates.duplicates import blocking, pairs
from relay.candidates.duplicates.comparison_record import ComparisonRecord, described
from relay.candidates.duplicates.matching import pairs_in, scored
from relay.candidates.duplicates.term_frequency import TermFrequencies
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.models import Candidate, Job, JobState, MatchCheck, scopes

KIND = "duplicates"
CHUNK_SIZE = 1_000
_MANY = 1_000
_NAMES_LEARNED = 20_000
_MAX_NAMES_LEARNED = 100_000


def ask(session: Session, now: datetime) -> None:
    """Queue the comparison where anyone waits for it; several workers queue it once."""
    with scopes.everyone(session, "worker: whether anybody of any company is to be compared"):
        waiting = session.scalars(select(MatchCheck.candidate_id).limit(1)).first()
    queued = select(Job.id).where(Job.kind == KIND, Job.state.in_((JobState.QUEUED, JobState.RUNNING))).limit(1)
    if waiting is not None and session.scalars(queued).first() is None:
        jobs.enqueue(session, KIND, key=f"{KIND}:{now:%Y-%m-%dT%H:%M:%S}")


def run(session: Session, job: Job | None = None) -> None:
    """Compare everybody who waits, company by company; each part is a transaction of its own, so nobody waits long."""
    with scopes.everyone(session, "worker: which companies have people to compare"):
        companies = session.scalars(select(MatchCheck.company_id).distinct()).all()
    for company_id in companies:
        with scopes.company(session, company_id):
            frequencies = _term_frequencies(session)
            while compare_some(session, company_id, frequencies):
                jobs.go_on(session, job)
        session.commit()


def compare_some(session: Session, company_id: int, frequencies: TermFrequencies) -> int:
    """Compare the next of the company's people who wait; returns how many those were. In the company's scope."""
    wanted = select(MatchCheck.candidate_id).order_by(MatchCheck.candidate_id).limit(CHUNK_SIZE)
    ids = session.scalars(wanted).all()
    if not ids:
        return 0
    session.execute(delete(MatchCheck).where(MatchCheck.candidate_id.in_(ids)))
    people = blocking.load(session, ids)
    keys = blocking.write(session, company_id, people)
    pairs.forget(session, ids)
    meeting = _meeting(keys, blocking.sharing(session, {key for mine in keys.values() for key in mine}))
    others = {one for pair in meeting for one in pair} - people.keys()
    found = scored(meeting, people | blocking.load(session, sorted(others)), frequencies)
    pairs.write(session, company_id, {(match.one, match.other): match.match_score for match in found})
    return len(ids)


def _meeting(keys: Mapping[int, Iterable[int]], sharing: Mapping[int, list[int]]) -> set[tuple[int, int]]:
    """Return the pairs with at least one of those who wait; two who were compared before stay as they are."""
    return {pair for pair in pairs_in(sharing.values()) if pair[0] in keys or pair[1] in keys}


def _term_frequencies(session: Session) -> TermFrequencies:
    """Return how common names are here: by the newest people, by more of them where many are to be compared."""
    some = select(MatchCheck.candidate_id).limit(_MANY).subquery()
    many = session.scalar(select(func.count()).select_from(some)) == _MANY
    most = _MAX_NAMES_LEARNED if many else _NAMES_LEARNED
    return TermFrequencies(_newest(session, most))


def _newest(session: Session, most: int) -> Iterable[ComparisonRecord]:
    wanted = blocking.columns().order_by(Candidate.id.desc()).limit(most).execution_options(yield_per=CHUNK_SIZE)
    return (described(*row[1:]) for row in session.execute(wanted))


JOBS = (JobKind(KIND, run),)
