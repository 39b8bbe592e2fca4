"""The people of a search as rows for a file, some hundred at a time, newest first; the log says what left.

Which words stand for states is the portal's business; here are the facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from relay.candidates import tags
from relay.models import Candidate, EventTag, FollowUp, event_data, record
from relay.models.candidate_fields import EXPORTED_FIELDS
from relay.search import candidate_search
from relay.search.candidate_search import Query

CHUNK_SIZE = 500
MAX_IN_A_BOOK = 100_000
"""As many rows a workbook is made of while somebody waits; more go into a CSV file, which begins to arrive at once."""
ALL = 2**31


class Format(StrEnum):
    """The files there are."""

    CSV = "csv"
    CP932 = "cp932"
    XLSX = "xlsx"


class ExportPurpose(StrEnum):
    """Why a list is exported: an enum, because the log holds no free text (A-27)."""

    SELECTION = "selection"
    REPORT = "report"
    MOVING = "moving"
    BACKUP = "backup"
    REQUEST = "request"


@dataclass(frozen=True)
class ExportedCandidate:
    """One candidate in an exported file."""

    row: candidate_search.CandidateRow
    facts: Mapping[str, Any]
    """By the names of EXPORTED_FIELDS."""
    follow_up: FollowUp | None
    tags: Sequence[str]


def people(session: Session, company_id: int, query: Query) -> Iterator[ExportedCandidate]:
    """Everybody who fits, newest first, by keyset; each chunk is a transaction, over before one of it is taken."""
    asked = replace(query.by_age, limit=CHUNK_SIZE)
    while rows := candidate_search.find(session, company_id, asked).rows:
        ids = [row.id for row in rows]
        carried = tags.tags_of(session, ids)
        told = {row.id: row for row in session.execute(_facts(ids))}
        chunk = [
            ExportedCandidate(row, known._asdict(), known.follow_up, [tag.name for tag in carried[row.id]])
            for row in rows
            if (known := told.get(row.id)) is not None
        ]
        session.rollback()
        yield from chunk
        asked = replace(asked, before_id=ids[-1])


def count(session: Session, company_id: int, query: Query) -> int:
    """Return how many the file will hold, all of them counted."""
    return candidate_search.count(session, company_id, query, most=ALL)


def log_beginning(session: Session, company_id: int, *, purpose: ExportPurpose, format_: Format, rows: int) -> None:
    """Note who takes how many people out, why and how, before the first of them leaves (E-16)."""
    data = event_data.Exported(purpose=purpose.value, format=format_.value, rows=rows)
    record(session, EventTag.POOL_EXPORT_BEGUN, company_id=company_id, data=data)


def log_end(
    session: Session, company_id: int, *, purpose: ExportPurpose, format_: Format, rows: int, complete: bool
) -> None:
    """Note what really left (E-16): of a transfer that is not `complete` no more than these rows, perhaps fewer."""
    data = event_data.Exported(purpose=purpose.value, format=format_.value, rows=rows, complete=complete)
    record(session, EventTag.POOL_EXPORTED, company_id=company_id, data=data)


def _facts(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    columns = (getattr(Candidate, field.name) for field in EXPORTED_FIELDS)
    return select(Candidate.id, Candidate.follow_up, *columns).where(Candidate.id.in_(ids))
