"""Jobs of the worker: each new or changed person is compared with those who share a key, some hundred at a time."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay.candidates.duplicates import blocking, pairs
from relay.candidates.duplicates.comparison_record import ComparisonRecord, described
from relay.candidates.duplicates.matching import scored, without_collecting
from relay.candidates.duplicates.term_frequency import TermFrequencies
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.models import Candidate, Job, JobState, MatchCheck, scopes

KIND = "duplicates"
CHUNK_SIZE = 1_000
_MANY = 1_000
_NAMES_LEARNED = 20_000
_MAX_NAMES_LEARNED = 100_000
People = dict[int, ComparisonRecord]


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
            met: People = {}
            with without_collecting():
                frequencies = _term_frequencies(session, met)
                while compare_some(session, company_id, frequencies, met):
                    jobs.go_on(session, job)
        session.commit()


def compare_some(session: Session, company_id: int, frequencies: TermFrequencies, met: People) -> int:
    """Compare the next of the company's people who wait; returns how many those were. In the company's scope.

    `met` are people read before (bench: duplicates, as imported). Of those who changed meanwhile it holds what was:
    they wait to be compared again themselves.
    """
    wanted = select(MatchCheck.candidate_id).order_by(MatchCheck.candidate_id).limit(CHUNK_SIZE)
    ids = session.scalars(wanted).all()
    if not ids:
        return 0
    session.execute(delete(MatchCheck).where(MatchCheck.candidate_id.in_(ids)))
    people = blocking.load(session, ids)
    keys = blocking.write(session, company_id, people)
    pairs.forget(session, ids)
    meeting = _meeting(keys, blocking.sharing(session, {key for mine in keys.values() for key in mine}, fewest=2))
    others = {one for pair in meeting for one in pair} - people.keys()
    there = {one: met[one] for one in others if one in met}
    there |= _divided(blocking.load(session, sorted(others - there.keys())), frequencies)
    found = scored(meeting, there | _divided(people, frequencies), frequencies)
    pairs.write(session, company_id, {(match.one, match.other): match.match_score for match in found})
    return len(ids)


def _meeting(keys: Mapping[int, Iterable[int]], sharing: Mapping[int, list[int]]) -> set[tuple[int, int]]:
    """Return the pairs with at least one of those who wait; two who were compared before stay as they are."""
    pairs: set[tuple[int, int]] = set()
    for members in sharing.values():
        for one in members:
            if one in keys:
                pairs.update((one, other) if one < other else (other, one) for other in members if other != one)
    return pairs


def _term_frequencies(session: Session, met: People) -> TermFrequencies:
    """Return how common names are here: by the newest people, by more of them where many are to be compared.

    Those it reads are put into `met`.
    """
    some = select(MatchCheck.candidate_id).limit(_MANY).subquery()
    many = session.scalar(select(func.count()).select_from(some)) == _MANY
    most = _MAX_NAMES_LEARNED if many else _NAMES_LEARNED
    wanted = blocking.columns().order_by(Candidate.id.desc()).limit(most).execution_options(yield_per=CHUNK_SIZE)
    people = {row[0]: described(*row[1:]) for row in session.execute(wanted)}
    frequencies = TermFrequencies(people.values())
    met.update(_divided(people, frequencies))
    return frequencies


def _divided(people: People, frequencies: TermFrequencies) -> People:
    return {number: frequencies.divided(person) for number, person in people.items()}


JOBS = (JobKind(KIND, run),)
