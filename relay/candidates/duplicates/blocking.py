"""The table of block keys: writing what people meet by, and asking who meets whom. In the company's scope."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, func, select
from sqlalchemy.orm import Session

from relay.candidates.duplicates.blocking_keys import (
    LARGEST_BLOCK,
    LARGEST_NAME_BLOCK,
    blocking_keys_of,
    narrower_keys,
    number_of,
)
from relay.candidates.duplicates.comparison_record import ComparisonRecord, described
from relay.models import Candidate, MatchKey
from relay.models.inserting import insert_rows, large_cache

_CHUNK_SIZE = 500
_some_keys = MatchKey.key.in_(bindparam("some_keys", expanding=True))
_holders = func.count()
_SHARED = select(MatchKey.key, MatchKey.candidate_id).where(
    MatchKey.key.in_(
        select(MatchKey.key)
        .where(_some_keys)
        .group_by(MatchKey.key)
        .having(
            _holders >= bindparam("fewest_holders"),
            _holders <= case((MatchKey.key % 2 != 0, LARGEST_NAME_BLOCK), else_=LARGEST_BLOCK),
        )
    )
)


def numbers_of(person: ComparisonRecord) -> list[int]:
    """Return all keys of one person as the table has them, each once."""
    return list(dict.fromkeys(number_of(key) for keys in (blocking_keys_of, narrower_keys) for key in keys(person)))


@cache  # tricks: portal.same_person
def _people() -> Select[*tuple[Any, ...]]:
    return columns().where(Candidate.id.in_(bindparam("people", expanding=True)))


def load(session: Session, candidate_ids: Iterable[int]) -> dict[int, ComparisonRecord]:
    """Return the people of these ids, ready to be compared."""
    people: dict[int, ComparisonRecord] = {}
    for part in _parts(candidate_ids):
        people |= {row[0]: described(*row[1:]) for row in session.execute(_people(), {"people": list(part)})}
    return people


def columns() -> Select[int, str, str, str, str, date | None]:
    """Return what of a candidate is compared."""
    return select(
        Candidate.id, Candidate.name, Candidate.kana, Candidate.email_key, Candidate.phone_key, Candidate.birth_date
    )


def write(session: Session, company_id: int, people: Mapping[int, ComparisonRecord]) -> dict[int, list[int]]:
    """Put the keys of these people in the place of those they had; gives the new ones."""
    for part in _parts(people):
        session.execute(delete(MatchKey).where(MatchKey.candidate_id.in_(part)))
    keys = {candidate_id: numbers_of(person) for candidate_id, person in people.items()}
    rows = [
        {"company_id": company_id, "candidate_id": candidate_id, "key": key}
        for candidate_id, mine in keys.items()
        for key in mine
    ]
    rows.sort(key=itemgetter("key"))  # the index by keys is the largest, and is walked once so
    with large_cache(session):
        insert_rows(session.connection(), MatchKey, rows)
    return keys


def sharing(session: Session, keys: Iterable[int], *, fewest: int = 1) -> dict[int, list[int]]:
    """Return who has which of these keys, where `fewest` or more do; what too many share tells nothing.

    The database counts first (bench: duplicates, as imported): most keys are one person's alone, and a common name's
    holders need not be fetched only to be passed over.
    """
    found: dict[int, list[int]] = defaultdict(list)
    for part in _parts(keys):
        for key, candidate_id in session.execute(_SHARED, {"some_keys": part, "fewest_holders": fewest}):
            found[key].append(candidate_id)
    return found


def _parts(values: Iterable[int]) -> Iterable[Sequence[int]]:
    every = list(values)
    return (every[start : start + _CHUNK_SIZE] for start in range(0, len(every), _CHUNK_SIZE))
