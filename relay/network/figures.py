"""The company's relay in totals: the only place where visits are counted, and never anyone's own (0.3, C-15, A-45).

HR knows of each person whether they were invited and whether they completed, so a total must not tell the rest:
it is taken once a day, moves only when ten more people were invited since, never says how many registered with a
school alone, and gives page views of those who did not register in tens, rounded up or down by chance and short of
everybody. So no single visit, and no single silence, decides what is shown.
"""

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import jobs
from relay.models import Job, Referral, RelayLink, RelayTotals, scopes

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


def funnel(session: Session, company_id: int) -> Funnel | None:
    """Return the totals as they were last taken; None until enough people were invited."""
    with scopes.company(session, company_id):
        kept = session.scalars(select(RelayTotals)).one_or_none()
    if kept is None:
        return None
    day = kept.taken_at.astimezone(clock.JAPAN).date()
    return Funnel(kept.told, kept.completed + kept.viewed, kept.completed, day)


def renew(session: Session) -> None:
    """Take the totals anew for every company that has invited enough people since the last time."""
    with scopes.everyone(session, "worker: the totals of every company, once a day"):
        due = list(session.scalars(_due()))
        kept = {each.company_id: each for each in session.scalars(select(RelayTotals))}
        completed: dict[int, int] = {row[0]: row[1] for row in session.execute(_completed(due))}
        for row in session.execute(_counted(due)):
            totals = kept.get(row.company_id) or RelayTotals(company_id=row.company_id)
            totals.taken_at, totals.told = clock.now(), row.told
            totals.completed = completed.get(row.company_id, 0)
            totals.viewed = in_tens(row.viewed, of=totals.told - totals.completed)
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
    first = (
        select(RelayLink.company_id, RelayLink.candidate_id, func.min(RelayLink.sent_at).label("at"))
        .where(RelayLink.sent_at.is_not(None), RelayLink.candidate_id.is_not(None))
        .group_by(RelayLink.company_id, RelayLink.candidate_id)
        .subquery()
    )
    return (
        select(first.c.company_id)
        .outerjoin(RelayTotals, RelayTotals.company_id == first.c.company_id)
        .where(or_(RelayTotals.id.is_(None), first.c.at > RelayTotals.taken_at))
        .group_by(first.c.company_id)
        .having(func.count() >= ENOUGH)
    )


def _counted(company_ids: list[int]) -> Select[int, int, int]:
    viewed = and_(RelayLink.visited_at.is_not(None), RelayLink.registered_at.is_(None))
    return (
        select(RelayLink.company_id, func.count(RelayLink.sent_at).label("told"), _many(viewed).label("viewed"))
        .where(RelayLink.company_id.in_(company_ids))
        .group_by(RelayLink.company_id)
    )


def _completed(company_ids: list[int]) -> Select[int, int]:
    return (
        select(Referral.company_id, func.count(Referral.id))
        .where(Referral.company_id.in_(company_ids), Referral.voided_at.is_(None))
        .group_by(Referral.company_id)
    )


def _many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _run(session: Session, _job: Job) -> None:
    renew(session)


jobs.register(KIND, _run)
