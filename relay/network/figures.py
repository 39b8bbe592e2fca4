"""The company's relay in totals: the only place where visits are counted, and never anyone's own (0.3, C-15, A-45).

HR knows of each person whether they were invited and whether they completed, so a total must not tell the rest:
it is taken once a day, moves only when ten more people were invited since, never says how many registered with a
school alone, and gives page views of those who did not register in tens, rounded up or down by chance and short of
everybody. So no single visit, and no single silence, decides what is shown.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.extensions import only_reading
from relay.infra.jobs import JobKind
from relay.models import Job, LinkSource, LinkState, Referral, RelayLink, RelayTotals, scopes
from relay.models.prepared import read

KIND = "relay-totals"
ENOUGH = 10
"""How many further people must have been invited before the totals move, and the step of page views (A-45)."""


@dataclass(frozen=True)
class Funnel:
    """How many were invited, saw the page (in part rounded) and count as completed referrals, as taken on `day`."""

    told: int
    shown: int
    completed: int
    day: date


_TOTALS = select(RelayTotals.told, RelayTotals.viewed, RelayTotals.completed, RelayTotals.taken_at)


def funnel(session: Session, company_id: int) -> Funnel | None:
    """Return the totals as they were last taken; None until enough people were invited."""
    with scopes.company(session, company_id):
        kept = next(iter(read(session, _TOTALS)), None)
    if kept is None:
        return None
    day = kept.taken_at.astimezone(clock.JAPAN).date()
    return Funnel(kept.told, kept.completed + kept.viewed, kept.completed, day)


def renew(session: Session) -> None:
    """Compute the totals again for every company that has invited enough people since the last time.

    Counting holds no writer up: it reads in a transaction of its own, which ends before anything is written.
    """
    with scopes.everyone(session, "worker: the totals of every company, once a day"):
        session.commit()
        with only_reading():
            due = list(session.scalars(_due()))
            taken = [_taken(row) for row in session.execute(_counted(due))]
            session.commit()
        kept = {each.company_id: each for each in session.scalars(select(RelayTotals))}
        for company_id, values in taken:
            totals = kept.get(company_id) or RelayTotals(company_id=company_id)
            totals.taken_at, totals.told, totals.viewed, totals.completed = values
            session.add(totals)
        session.flush()


def in_tens(count: int, *, of: int) -> int:
    """Round to a multiple of ten, up or down by chance and right on average, but always to less than `of`.

    Ten who all came look like nine, none like a few.
    """
    rounded = (count + secrets.randbelow(ENOUGH)) // ENOUGH * ENOUGH
    return max(min(rounded, (of - 1) // ENOUGH * ENOUGH), 0)


def _due() -> Select[int]:
    """Companies with enough people whose first invitation left after the totals were taken."""
    earlier = aliased(RelayLink)
    had_one = (
        select(earlier.id)
        .where(
            earlier.company_id == RelayLink.company_id,
            earlier.candidate_id == RelayLink.candidate_id,
            earlier.sent_at <= RelayTotals.taken_at,
        )
        .exists()
    )
    return (
        select(RelayLink.company_id)
        .outerjoin(RelayTotals, RelayTotals.company_id == RelayLink.company_id)
        .where(
            RelayLink.candidate_id.is_not(None),
            RelayLink.source == LinkSource.RESULT_MAIL,
            RelayLink.sent_at.is_not(None),
            _meant(),
            or_(RelayTotals.id.is_(None), and_(RelayLink.sent_at > RelayTotals.taken_at, ~had_one)),
        )
        .group_by(RelayLink.company_id)
        .having(func.count(RelayLink.candidate_id.distinct()) >= ENOUGH)
    )


def _counted(company_ids: list[int]) -> Select[int, int, int, int | None]:
    viewed = and_(RelayLink.visited_at.is_not(None), RelayLink.registered_at.is_(None))
    completed = (
        select(func.count(Referral.id))
        .where(Referral.company_id == RelayLink.company_id, Referral.source == LinkSource.RESULT_MAIL)
        .where(Referral.voided_at.is_(None))
        .correlate(RelayLink)
        .scalar_subquery()
    )
    return (
        select(
            RelayLink.company_id,
            func.count(RelayLink.sent_at).label("told"),
            _many(viewed).label("viewed"),
            completed.label("completed"),
        )
        .where(RelayLink.company_id.in_(company_ids), RelayLink.source == LinkSource.RESULT_MAIL, _meant())
        .group_by(RelayLink.company_id)
    )


def _meant() -> ColumnElement[bool]:
    """Select the links that were not sent by mistake: nobody counts as invited by those, nor as a visitor."""
    return RelayLink.state != LinkState.REVOKED


def _taken(row: Any) -> tuple[int, tuple[datetime, int, int, int]]:
    viewed = in_tens(row.viewed, of=row.told - row.completed)
    told = max(row.told, row.completed)  # links in a file count as told once HR says so; some register before
    return row.company_id, (clock.now(), told, viewed, row.completed)


def _many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _run(session: Session, _job: Job) -> None:
    renew(session)


JOBS = (JobKind(KIND, _run),)
