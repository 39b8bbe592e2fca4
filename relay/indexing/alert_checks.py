"""The queue of people the alerts look at next, and what they remember of people who go and may come back."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import bindparam, case, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.infra.keyed_hash import address_hash, keyed
from relay.models import Alert, AlertHit, Candidate, CheckCause, QueuedAlertCheck
from relay.models.base import BigId
from relay.models.prepared import read

CHUNK_SIZE = 500
_ALERT = select(Alert.id).where(Alert.company_id == bindparam("company", type_=BigId)).limit(1)


def enqueue(session: Session, company_id: int, candidate_ids: Iterable[int], cause: CheckCause) -> None:
    """Let the alerts look at these people, in the caller's transaction; nothing where the company has no alert."""
    wanted = list(dict.fromkeys(candidate_ids))
    if not wanted or not read(session, _ALERT, company=company_id):
        return
    rows = [{"company_id": company_id, "candidate_id": person, "cause": cause} for person in wanted]
    for start in range(0, len(rows), CHUNK_SIZE):
        session.execute(insert(QueuedAlertCheck), rows[start : start + CHUNK_SIZE])


def forget_hits(session: Session, candidate_id: int) -> None:
    """Forget in the company's scope that alerts know this person, so that they speak up again where it still fits."""
    session.execute(delete(AlertHit).where(AlertHit.candidate_id == candidate_id))


def next_checks(session: Session) -> tuple[Sequence[int], dict[int, CheckCause]]:
    """Return the checks of some people, the oldest first: their ids, and each person with the cause that counts."""
    oldest = select(QueuedAlertCheck.candidate_id).order_by(QueuedAlertCheck.id).limit(CHUNK_SIZE)
    columns = (QueuedAlertCheck.id, QueuedAlertCheck.candidate_id, QueuedAlertCheck.cause)
    theirs = select(*columns).where(QueuedAlertCheck.candidate_id.in_(session.scalars(oldest).all()))
    found, order = session.execute(theirs).all(), list(CheckCause)
    causes: dict[int, CheckCause] = {}
    for _id, person, cause in found:
        causes[person] = min(cause, causes.get(person, cause), key=order.index)
    return [row.id for row in found], causes


def remove(session: Session, check_ids: Sequence[int]) -> None:
    """Remove people from the queue: the alerts have looked."""
    session.execute(delete(QueuedAlertCheck).where(QueuedAlertCheck.id.in_(check_ids)))


def companies_waiting(session: Session) -> Sequence[tuple[int, int]]:
    """Each company with people waiting, and its newest check. Needs a scope of everyone."""
    found = session.execute(
        select(QueuedAlertCheck.company_id, func.max(QueuedAlertCheck.id)).group_by(QueuedAlertCheck.company_id)
    )
    return [(row[0], row[1]) for row in found]


def carry(session: Session, kept_id: int, gone_id: int) -> None:
    """Let the one who stays of two be known wherever the other was, and keep what is known of the other."""
    other, own = aliased(AlertHit), aliased(AlertHit)
    known = select(own.id).where(
        own.company_id == other.company_id,
        own.alert_id == other.alert_id,
        own.reason == other.reason,
        own.candidate_id == kept_id,
    )
    columns = ("company_id", "alert_id", "reason", "candidate_id", "person_hash")
    missing = select(other.company_id, other.alert_id, other.reason, literal(kept_id), literal("")).where(
        other.candidate_id == gone_id, ~known.exists()
    )
    session.execute(insert(AlertHit).from_select(columns, missing))
    session.execute(update(AlertHit).where(AlertHit.candidate_id == gone_id).values(gone_at=clock.now()))


def remember(session: Session, going: Collection[int]) -> None:
    """Note by a keyed hash who was found of people whose import is undone: the next file may bring them again."""
    found = select(AlertHit.candidate_id).where(AlertHit.candidate_id.in_(going))
    hashes = hashes_of(session, session.scalars(found.distinct()).all())
    if hashes:
        theirs = update(AlertHit).where(AlertHit.candidate_id.in_(hashes))
        session.execute(theirs.values(person_hash=case(hashes, value=AlertHit.candidate_id), gone_at=clock.now()))


def recognise(session: Session, people: Collection[int]) -> None:
    """Let what was remembered of people be theirs who came again, by their new number."""
    gone = select(AlertHit).where(AlertHit.gone_at.is_not(None), AlertHit.person_hash != "")
    if session.scalars(gone.limit(1)).first() is None:
        return
    now = {hash_: person for person, hash_ in hashes_of(session, people).items()}
    there = select(AlertHit.alert_id, AlertHit.reason, AlertHit.candidate_id).where(AlertHit.candidate_id.in_(people))
    taken = {tuple(row) for row in session.execute(there)}
    for hit in session.scalars(gone.where(AlertHit.person_hash.in_(now)).order_by(AlertHit.id)).all():
        person = now[hit.person_hash]
        if hit.candidate_id == person:
            continue
        if (hit.alert_id, hit.reason, person) in taken:
            session.delete(hit)
            continue
        taken.add((hit.alert_id, hit.reason, person))
        hit.candidate_id, hit.person_hash, hit.gone_at = person, "", None
    session.flush()


def forget(session: Session, hashes: Collection[str], company_id: int | None = None) -> int:
    """Forget people who are remembered by these hashes, of one company or of all; returns how many hits went."""
    theirs = delete(AlertHit).where(AlertHit.gone_at.is_not(None), AlertHit.person_hash.in_(hashes))
    if company_id is not None:
        theirs = theirs.where(AlertHit.company_id == company_id)
    return len(session.scalars(theirs.returning(AlertHit.id)).all())


def hashes_of(session: Session, people: Collection[int]) -> dict[int, str]:
    """Return the keyed hash of each of these people: of the address, else of name, number and birth date."""
    columns = (Candidate.email_key, Candidate.name_key, Candidate.phone_key, Candidate.birth_date)
    found = session.execute(select(Candidate.id, *columns).where(Candidate.id.in_(people)))
    return {
        person: address_hash(mail) if mail else keyed("person", "\n".join(map(str, rest)))
        for person, mail, *rest in found
    }
