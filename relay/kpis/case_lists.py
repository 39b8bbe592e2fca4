"""The cases behind a number, one by one: the same statement, the newest case first, with who and what it is about."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from relay.kpis.catalogue import CASES
from relay.models import Application, ApplicationResult, Candidate, CaseKind, Position
from relay.models.days import first_of_month
from relay.models.keyset import Page, newest

PAGE = 50


@dataclass(frozen=True)
class CaseFilter:
    """The cases of a number: those of some months, of one key, of one number. None leaves a condition out."""

    since: date | None = None
    until: date | None = None
    """The first days of the first and the last month."""
    key: str | None = None
    number: int | None = None


@dataclass(frozen=True)
class CaseRow:
    """One case, with the person and the application where it is about one and neither is erased."""

    case_id: int
    day: date
    candidate_id: int | None
    name: str | None
    position: str | None
    channel: str | None
    status: ApplicationResult | None
    key: str
    number: int


def page(session: Session, kind: CaseKind, wanted: CaseFilter, *, after: str = "", before: str = "") -> Page[CaseRow]:
    """Return a page of the cases of the company in scope."""
    found = CASES[kind].select.subquery()
    statement = (
        select(
            found.c.case_id,
            found.c.day,
            found.c.candidate_id,
            Candidate.name,
            Position.title,
            Application.channel,
            Application.status,
            found.c.key,
            found.c.number,
        )
        .select_from(found)
        .outerjoin(Candidate, Candidate.id == found.c.candidate_id)
        .outerjoin(Application, Application.id == found.c.application_id)
        .outerjoin(Position, Position.id == Application.position_id)
    )
    order = newest(found.c.case_id)
    return order.page(session, _narrowed(statement, found, wanted), CaseRow, after=after, before=before, limit=PAGE)


def _narrowed(statement: Select[*tuple[Any, ...]], found: Any, wanted: CaseFilter) -> Select[*tuple[Any, ...]]:
    if wanted.since is not None:
        statement = statement.where(found.c.day >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(first_of_month(found.c.day) <= wanted.until)
    if wanted.key is not None:
        statement = statement.where(found.c.key == wanted.key)
    if wanted.number is not None:
        statement = statement.where(found.c.number == wanted.number)
    return statement
