"""Missing information (情報が足りない方): no usable address, no reading, no reason, no end. In the company's scope.

Each question has an index in which those who lack something are together, so a complete pool answers at once.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session, aliased

from relay.models import Application, ApplicationResult, Candidate, Message, MessageState, moments
from relay.models.keyset import Page, newest
from relay.models.prepared import read

PAGE = 50
_NEWEST = newest(Candidate.id)
COUNT_CAP = 1_000
LONG = timedelta(days=180)
"""So long after an application somebody may have forgotten to note its end."""


class MissingInformation(StrEnum):
    """An item a record may lack."""

    MAIL = "mail"
    BOUNCED = "bounced"
    KANA = "kana"
    REASON = "reason"
    RESULT = "end"


class MissingRow(NamedTuple):
    """A person whose record lacks something."""

    candidate_id: int
    name: str
    kana: str
    email: str
    since: datetime


@cache  # tricks: portal.missing
def _lacking(kind: MissingInformation) -> Select[*tuple[Any, ...]]:
    columns = select(Candidate.id, Candidate.name, Candidate.kana, Candidate.email, Candidate.created_at)
    return _who(columns, kind)


def listed(session: Session, kind: MissingInformation, *, after: str = "", limit: int = PAGE) -> Page[MissingRow]:
    """Return a page of those who lack it, the newest first."""
    return _NEWEST.page(session, _lacking(kind), MissingRow, after=after, limit=limit, values={})


def counts(session: Session, *, most: int = COUNT_CAP) -> dict[MissingInformation, int]:
    """Return how many lack what, each counted up to `most` and one; by one statement."""
    [counted] = read(session, _counted(), most=most + 1)
    return dict(zip(MissingInformation, counted, strict=True))


@cache  # tricks: home
def _counted() -> Select[*tuple[Any, ...]]:
    most = bindparam("most", type_=Integer())
    return select(
        *(
            select(func.count())
            .select_from(_ids(kind).limit(most).subquery())
            .scalar_subquery()
            .label(f"lack_{kind.value}")
            for kind in MissingInformation
        )
    )


def _ids(kind: MissingInformation) -> Select[*tuple[Any, ...]]:
    """Return whom to count, read from the rows that lack something alone: no database begins with all people here.

    Of the bare column SQLite would walk an index that has it in order, and with it all applications and mails.
    """
    if kind in (MissingInformation.MAIL, MissingInformation.KANA):
        return _who(select(Candidate.id), kind)
    theirs = _theirs(kind)
    return theirs.with_only_columns(func.coalesce(*theirs.selected_columns, 0)).distinct()


def _who(columns: Select[*tuple[Any, ...]], kind: MissingInformation) -> Select[*tuple[Any, ...]]:
    if kind is MissingInformation.MAIL:
        return columns.where(Candidate.email_key == _exactly(""))
    if kind is MissingInformation.KANA:
        return columns.where(Candidate.kana_key == _exactly(""))
    return columns.where(Candidate.id.in_(_theirs(kind)))


def _theirs(kind: MissingInformation) -> Select[*tuple[Any, ...]]:
    if kind is MissingInformation.REASON:
        rejected = Application.status == _exactly(ApplicationResult.REJECTED)
        return select(Application.candidate_id).where(rejected, Application.reason.is_(None))
    if kind is MissingInformation.RESULT:
        still_open = Application.status == _exactly(ApplicationResult.OPEN)
        return select(Application.candidate_id).where(still_open, Application.applied_on <= moments.today(-LONG))
    # from the few mails that came back to their people, not the other way round
    person = aliased(Candidate)
    returned = select(Message.candidate_id).join(person, person.id == Message.candidate_id)
    return returned.where(Message.state == MessageState.BOUNCED, Message.to_address == person.email)


def _exactly(value: str) -> ColumnElement[Any]:
    """Return the value written into the statement, so that the database knows which partial index holds the answer."""
    return literal(str(value), literal_execute=True)
