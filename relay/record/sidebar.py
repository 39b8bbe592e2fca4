"""The sidebar of a person's record, by one statement: tags, files, the wish to hear no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, String, bindparam, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from relay.candidates import contact
from relay.candidates.age import is_under_age
from relay.candidates.contact import Stop
from relay.candidates.tags import Carried
from relay.models import (
    Attachment,
    Candidate,
    CandidateTag,
    ContactChannel,
    FileText,
    Tag,
    TagColour,
    UtcDateTime,
    prepared,
)

_TAG, _FILE, _STOPPED, _STOPPED_BY_ONESELF = "tag", "file", "stopped", "stopped-by-oneself"


class File(NamedTuple):
    """A file as a record names it."""

    id: int
    name: str
    state: FileText
    size: int
    at: datetime


@dataclass(frozen=True)
class Beside:
    """The person's tags in the order they were put on, the company's tags by name, files newest first, and the wish.

    `results_only`: no relay part and no promotion is sent, for whichever cause: HR's note, the person's own stop, age.
    """

    carried: Sequence[Carried]
    names: dict[int, str]
    files: Sequence[File]
    stop: Stop | None
    results_only: bool


def read(session: Session, candidate: Candidate) -> Beside:
    """Return all of it, for one person."""
    found: dict[str, list[Any]] = {_TAG: [], _FILE: [], _STOPPED: [], _STOPPED_BY_ONESELF: []}
    statement = _beside(stopped=candidate.contact_stopped_at is not None)
    for row in prepared.read(session, statement, **contact.whose(candidate)):
        found[row.what].append(row)
    tags = sorted(found[_TAG], key=lambda row: row.text)
    mine = sorted((row for row in tags if row.number is not None), key=lambda row: row.number)
    files = sorted(found[_FILE], key=lambda row: -row.id)
    return Beside(
        [Carried(row.id, row.text, TagColour(row.word)) for row in mine],
        {row.id: row.text for row in tags},
        [File(row.id, row.text, FileText(row.word), row.number, row.at) for row in files],
        _stop(candidate, found) if candidate.contact_stopped_at is not None else None,
        results_only=candidate.contact_stopped_at is not None
        or is_under_age(candidate.birth_date)
        or bool(found[_STOPPED_BY_ONESELF]),
    )


@cache  # tricks: record
def _beside(*, stopped: bool) -> Select[*tuple[Any, ...]]:
    """Built once: putting it together takes longer than asking."""
    parts = [_tags(), _files(), _written_down() if stopped else _own_stop()]
    return select(union_all(*parts).subquery("rows"))


def _tags() -> Select[*tuple[Any, ...]]:
    mine = (CandidateTag.tag_id == Tag.id) & (CandidateTag.candidate_id == bindparam("person"))
    return select(
        literal(_TAG).label("what"),
        Tag.id.label("id"),
        Tag.name.label("text"),
        cast(Tag.colour, String).label("word"),
        cast(CandidateTag.id, BigInteger).label("number"),
        cast(null(), UtcDateTime).label("at"),
    ).outerjoin(CandidateTag, mine)


def _files() -> Select[*tuple[Any, ...]]:
    return select(
        literal(_FILE),
        Attachment.id,
        Attachment.name,
        cast(Attachment.state, String),
        cast(Attachment.size, BigInteger),
        Attachment.at,
    ).where(Attachment.candidate_id == bindparam("person"))


def _written_down() -> Select[*tuple[Any, ...]]:
    """Select who wrote the wish down and how it was said."""
    told = contact.written_down().subquery("told")
    return select(literal(_STOPPED), told.c.id, told.c.by, told.c.contact_channel, cast(null(), BigInteger), told.c.at)


def _own_stop() -> Select[*tuple[Any, ...]]:
    """Select whether the person stopped it by a link, without the day."""
    own = contact.stopped_by_oneself().subquery("own")
    nothing = (literal(""), literal(""), cast(null(), BigInteger), cast(null(), UtcDateTime))
    return select(literal(_STOPPED_BY_ONESELF), own.c.id, *nothing)


def _stop(candidate: Candidate, found: dict[str, list[Any]]) -> Stop:
    assert candidate.contact_stopped_at is not None
    by, contact_channel = next(((row.text, row.word) for row in found[_STOPPED]), ("", ""))
    return Stop(candidate.contact_stopped_at, by, ContactChannel(contact_channel) if contact_channel else None)
