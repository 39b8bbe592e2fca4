"""Holds (消去の保留): while one is in force, nobody erases the person, neither the calendar nor a hand (A-28).

It ends by itself after its last day, or when a member releases it. In the scope of one company.
"""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache

from dateutil.relativedelta import relativedelta
from flask_babel import format_date
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, bindparam, exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Candidate, EventTag, Hold, HoldReason, event_data, moments, record

LONGEST = relativedelta(years=1)
"""For so long a hold may be set at once; for ever is no choice here either."""


class HoldDayRefused(DomainError):
    """Raise for a last day that is past, or further away than a year."""

    code = "hold-day-refused"
    message = _l("保留の最終日は、今日から1年以内の日を入力してください。")


class ErasureHeld(DomainError):
    """Raise where a person is to be erased while a hold is in force."""

    code = "erasure-held"

    def __init__(self, hold: Hold) -> None:
        super().__init__(
            _l(
                "%(day)sまで、消去が保留されています（%(reason)s）。何も消去していません。"
                "ご本人の請求などで消去するときは、先に候補者の記録で保留を解除してください。",
                day=format_date(hold.until, "long"),
                reason=hold.reason.label,
            )
        )


def set_hold(session: Session, candidate: Candidate, reason: HoldReason, until: date, *, owner_user_id: int) -> Hold:
    """Put the person's erasure off until the end of a day. Raises HoldDayRefused."""
    if not clock.today() <= until <= clock.today() + LONGEST:
        raise HoldDayRefused
    hold = Hold(candidate_id=candidate.id, reason=reason, until=until, owner_user_id=owner_user_id, at=clock.now())
    session.add(hold)
    session.flush()
    data = event_data.HoldSet(hold_id=hold.id, reason=reason.value, until=until.isoformat())
    record(session, EventTag.HOLD_SET, company_id=candidate.company_id, subject=("candidate", candidate.id), data=data)
    return hold


def release(session: Session, candidate: Candidate, hold_id: int, *, by_user_id: int) -> bool:
    """End a hold before its day; returns whether it was in force. From then on the person's own day holds again."""
    mine = select(Hold).where(Hold.id == hold_id, Hold.candidate_id == candidate.id, *conditions())
    hold = session.scalars(mine.with_for_update()).one_or_none()
    if hold is None:
        return False
    hold.released_at, hold.released_by_user_id = clock.now(), by_user_id
    data = event_data.HoldReleased(hold_id=hold.id)
    about = ("candidate", candidate.id)
    record(session, EventTag.HOLD_RELEASED, company_id=candidate.company_id, subject=about, data=data)
    return True


def in_force(session: Session, candidate_ids: Collection[int]) -> Sequence[Hold]:
    """Return the holds in force on these people, the one that ends last first."""
    return session.scalars(_in_force(), {"people": list(candidate_ids)}).all()


@cache  # tricks: record
def _in_force() -> Select[Hold]:
    theirs = select(Hold).where(Hold.candidate_id.in_(bindparam("people", expanding=True)), *conditions())
    return theirs.order_by(Hold.until.desc(), Hold.id)


def refuse_held(session: Session, candidate_ids: Collection[int]) -> None:
    """Raise ErasureHeld where a hold is in force on one of these people."""
    holds = in_force(session, candidate_ids)
    if holds:
        raise ErasureHeld(holds[0])


def is_held() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that a hold is in force on them."""
    return exists().where(Hold.company_id == Candidate.company_id, Hold.candidate_id == Candidate.id, *conditions())


def conditions() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions, on a query of holds, that they are in force today."""
    return Hold.released_at.is_(None), Hold.until >= moments.today()
