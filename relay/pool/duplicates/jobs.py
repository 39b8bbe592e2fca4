"""The worker's part: everybody new or changed is compared with whoever shares a key, some hundred at a time."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay.mail import jobs
from relay.mail.jobs import JobKind
from relay.models import Candidate, Job, JobState, MatchCheck, scopes
from relay.pool.duplicates import blocks, pairs
from relay.pool.duplicates.commonness import NameBook
from relay.pool.duplicates.finding import pairs_in, scored
from relay.pool.duplicates.traits import Traits, described

KIND = "duplicates"
AT_ONCE = 1_000
_MANY = 1_000
_NAMES_LEARNED = 20_000
_MOST_NAMES_LEARNED = 100_000


def ask(session: Session, now: datetime) -> None:
    """Queue the comparison where somebody waits for it; several workers queue it once."""
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
            book = _book(session)
            while compare_some(session, company_id, book):
                jobs.go_on(session, job)
        session.commit()


def compare_some(session: Session, company_id: int, book: NameBook) -> int:
    """Compare the next of the company's people who wait; returns how many those were. In the company's scope."""
    wanted = select(MatchCheck.candidate_id).order_by(MatchCheck.candidate_id).limit(AT_ONCE)
    ids = session.scalars(wanted).all()
    if not ids:
        return 0
    session.execute(delete(MatchCheck).where(MatchCheck.candidate_id.in_(ids)))
    people = blocks.load(session, ids)
    keys = blocks.write(session, company_id, people)
    pairs.forget(session, ids)
    meeting = _meeting(keys, blocks.sharing(session, {key for mine in keys.values() for key in mine}))
    others = {one for pair in meeting for one in pair} - people.keys()
    found = scored(meeting, people | blocks.load(session, sorted(others)), book)
    pairs.write(session, company_id, {(match.one, match.other): match.likeness for match in found})
    return len(ids)


def _meeting(keys: Mapping[int, Iterable[int]], sharing: Mapping[int, list[int]]) -> set[tuple[int, int]]:
    """The pairs with at least one of those who wait; two who were compared before stay as they are."""
    return {pair for pair in pairs_in(sharing.values()) if pair[0] in keys or pair[1] in keys}


def _book(session: Session) -> NameBook:
    """How common names are here: by the newest people, by more of them where many are to be compared."""
    some = select(MatchCheck.candidate_id).limit(_MANY).subquery()
    many = session.scalar(select(func.count()).select_from(some)) == _MANY
    most = _MOST_NAMES_LEARNED if many else _NAMES_LEARNED
    return NameBook(_newest(session, most))


def _newest(session: Session, most: int) -> Iterable[Traits]:
    wanted = blocks.columns().order_by(Candidate.id.desc()).limit(most).execution_options(yield_per=AT_ONCE)
    return (described(*row[1:]) for row in session.execute(wanted))


JOBS = (JobKind(KIND, run),)
