"""The facts of a person: kept as typed, with the keys by which they are found again (F-11 to F-21).

Facts travel as a mapping from the names of CANDIDATE_FIELDS to stored values; whatever is not in it stays as it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Self

from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import contact
from relay.indexing import search_rows
from relay.models import Candidate, EventTag, event_data, record
from relay.models.candidate_fields import CANDIDATE_FIELDS, FIELD_NAMES, columns_of

Values = Mapping[str, Any]
_NAMES = frozenset({"name", "kana"})


@dataclass(frozen=True)
class Facts:
    """The facts by which one person is told from another."""

    name: str
    kana: str = ""
    email: str = ""
    phone: str = ""
    birth_date: date | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """Return the values, and beside them the keys they are matched by."""
        return columns_of(asdict(self))

    @classmethod
    def among(cls, values: Values) -> Self:
        """Return those that are among all facts of a person."""
        return cls(**{field.name: values[field.name] for field in fields(cls) if field.name in values})


def as_typed(typed: Values) -> dict[str, Any]:
    """Normalise typed facts: the name stays as it is, a reading becomes katakana, a number its digits."""
    return {field.name: field.normalise(typed[field.name]) for field in CANDIDATE_FIELDS if field.name in typed}


def of(candidate: Candidate) -> dict[str, Any]:
    """Return all facts of a person as they are stored."""
    return {name: getattr(candidate, name) for name in FIELD_NAMES}


def change(session: Session, candidate: Candidate, values: Values) -> list[str]:
    """Write these facts and leave all others alone; return the names of those that changed."""
    changed = {name: value for name, value in values.items() if getattr(candidate, name) != value}
    if not changed:
        return []
    for column, value in columns_of(changed).items():
        setattr(candidate, column, value)
    candidate.updated_at = clock.now()
    if "email" in changed:
        contact.carry_along(session, candidate)
    search_rows.index(session, [candidate.id], news=not _NAMES.issuperset(changed))
    record(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data=event_data.CandidateChanged(fields=tuple(changed)),
    )
    return list(changed)
