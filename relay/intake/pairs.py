"""Pairs for review from a file's own word 重複: that person and the other of the name go first in the queue."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.intake.known import chunks
from relay.intake.matching import Keys
from relay.intake.people import PlannedCandidate
from relay.models import ApplicationResult, Candidate
from relay.models.journal import Recorder
from relay.pool.duplicates import pairs

_MAX_PAIRS = 3
"""How many namesakes are asked about where nothing tells which of them is meant."""


def note_named(session: Session, company_id: int, people: Iterable[PlannedCandidate], recorder: Recorder) -> None:
    """Note the pairs of whom the file newly calls a duplicate, where the other is found. In the company's scope."""
    said = [person for person in people if any(_is_news(one.status, one.changed) for one in person.applications)]
    namesakes = _namesakes(session, {person.keys.name for person in said})
    found = [
        (person.id, other)
        for person in said
        if person.id is not None
        for other in _meant(person.id, person.keys, namesakes.get(person.keys.name, ()))
    ]
    if found:
        pairs.named_by_file(session, company_id, found, recorder)


def _is_news(status: ApplicationResult, changed: bool) -> bool:
    return changed and status is ApplicationResult.DUPLICATE


def _namesakes(session: Session, names: set[str]) -> dict[str, list[tuple[int, Keys]]]:
    found: dict[str, list[tuple[int, Keys]]] = {}
    columns = select(Candidate.id, Candidate.name_key, Candidate.email_key, Candidate.phone_key)
    for part in chunks(sorted(names)):
        rows = session.execute(columns.where(Candidate.name_key.in_(part)).order_by(Candidate.id.desc()))
        for candidate_id, *keys in rows:
            found.setdefault(keys[0], []).append((candidate_id, Keys(*keys)))
    return found


def _meant(own_id: int, own: Keys, namesakes: Sequence[tuple[int, Keys]]) -> list[int]:
    """Return those who share a mail or a phone too; else the newest of that name."""
    others = [(one, keys) for one, keys in namesakes if one != own_id]
    closer = [
        one for one, keys in others if (own.mail and own.mail == keys.mail) or (own.phone and own.phone == keys.phone)
    ]
    return (closer or [one for one, _keys in others])[:_MAX_PAIRS]
