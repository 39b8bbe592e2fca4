"""Cases of applications: by channel from the application to the hire, the stay after it, and rejections by reason."""

from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from relay.kpis.cases import Cases, columns
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    CaseKind,
    Message,
    MessageState,
    Referral,
    Rescout,
    Stay,
    StepKind,
    moments,
)
from relay.models.days import japan_day
from relay.text.steps import INTERVIEW_WORDS

HALF_A_YEAR, A_YEAR = 6, 12
"""Months after the day of the hire at which a stay is asked about (`relay.models.Stay`)."""
COMPLETED = (ApplicationResult.REJECTED, ApplicationResult.WITHDREW, ApplicationResult.HIRED)
_RETURNABLE = (ApplicationResult.REJECTED, ApplicationResult.WITHDREW)
_INTERVIEWS = (StepKind.FIRST, StepKind.SECOND, StepKind.FINAL, StepKind.OFFER)

_earlier, _later, _newer = aliased(Application), aliased(Application), aliased(Stay)


def _of(*conditions: ColumnElement[bool], day: Any, key: Any = None, number: Any = None) -> Select[*tuple[Any, ...]]:
    apart = {name: value for name, value in (("key", key), ("number", number)) if value is not None}
    shown = columns(Application.id, day, candidate_id=Application.candidate_id, application_id=Application.id, **apart)
    return select(*shown).where(day.is_not(None), *conditions)


def _applied(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return _of(*conditions, day=Application.applied_on, key=Application.channel)


def _hired(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    is_hired = Application.status == ApplicationResult.HIRED
    return _of(is_hired, *conditions, day=Application.decided_on, key=Application.channel)


def _rejected(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return _of(
        Application.status == ApplicationResult.REJECTED,
        *conditions,
        day=Application.decided_on,
        key=func.coalesce(Application.reason, ""),
        number=func.coalesce(Application.position_id, 0),
    )


def _interviewed() -> ColumnElement[bool]:
    """Return the condition that the selection came to an interview: by its steps, its stage, or a hire."""
    step = exists().where(
        ApplicationStep.company_id == Application.company_id,
        ApplicationStep.application_id == Application.id,
        or_(ApplicationStep.kind.in_(_INTERVIEWS), *(ApplicationStep.name.contains(word) for word in INTERVIEW_WORDS)),
    )
    stage = or_(*(Application.stage.contains(word) for word in INTERVIEW_WORDS))
    return or_(Application.status == ApplicationResult.HIRED, stage, step)


def _same_person(other: type[Application]) -> ColumnElement[bool]:
    return and_(
        other.company_id == Application.company_id,
        other.candidate_id == Application.candidate_id,
        other.id != Application.id,
    )


def _came_back() -> ColumnElement[bool]:
    """Return the condition that another application of the person was rejected or withdrawn on a day before this one.

    Of one day are applications for two positions at once, where neither is a return from the other.
    """
    return exists().where(
        _same_person(_earlier),
        _earlier.status.in_(_RETURNABLE),
        _earlier.decided_on < Application.applied_on,
    )


def _by_rescout() -> ColumnElement[bool]:
    return exists().where(Rescout.company_id == Application.company_id, Rescout.application_id == Application.id)


def _returned() -> ColumnElement[bool]:
    """Return the condition that the person applied once more on a day after this rejection."""
    # no bare column beside the day: else SQLite walks everybody who applied since, for each rejection
    applied_on = func.coalesce(_later.applied_on, Application.decided_on)
    return exists().where(
        _same_person(_later), _later.status != ApplicationResult.DUPLICATE, applied_on > Application.decided_on
    )


def _reused() -> ColumnElement[bool]:
    """Return the condition that the person applied once more, was sent a 再スカウト or completed a referral."""
    contacted = (
        select(Rescout.id)
        .join(Message, Message.id == Rescout.message_id)
        .where(
            Rescout.company_id == Application.company_id,
            Rescout.candidate_id == Application.candidate_id,
            Message.state == MessageState.SENT,
            japan_day(Message.settled_at) >= Application.decided_on,
        )
        .exists()
    )
    referred = exists().where(
        Referral.company_id == Application.company_id,
        Referral.candidate_id == Application.candidate_id,
        Referral.voided_at.is_(None),
        japan_day(Referral.completed_at) >= Application.decided_on,
    )
    return or_(_returned(), contacted, referred)


def _reached(months: int) -> ColumnElement[bool]:
    return Application.decided_on <= moments.today(-relativedelta(months=months))


def _words(months: int) -> Select[int]:
    """Select the words on this mark of the hire; one about another day of it is of no hire any more."""
    return select(Stay.id).where(
        Stay.company_id == Application.company_id,
        Stay.application_id == Application.id,
        Stay.hired_on == Application.decided_on,
        Stay.months == months,
    )


def _there(months: int) -> ColumnElement[bool]:
    """Return the condition that the last word on this mark of the hire is that the person is there."""
    newer = select(_newer.id).where(
        _newer.company_id == Stay.company_id,
        _newer.application_id == Stay.application_id,
        _newer.hired_on == Stay.hired_on,
        _newer.months == Stay.months,
        _newer.id > Stay.id,
    )
    return _words(months).where(Stay.there, ~newer.exists()).exists()


def _mark(months: int, reached: CaseKind, there: CaseKind, said: CaseKind, unsaid: CaseKind) -> tuple[Cases, ...]:
    words = _words(months).exists()
    return (
        Cases(reached, _hired(_reached(months)), kept=True),
        Cases(there, _hired(_reached(months), _there(months)), kept=True),
        Cases(said, _hired(_reached(months), words), kept=True),
        Cases(unsaid, _hired(_reached(months), ~words), kept=True),
    )


_is_completed = Application.status.in_(COMPLETED)
CASES = (
    Cases(CaseKind.APPLIED, _applied(Application.status != ApplicationResult.DUPLICATE), kept=True),
    Cases(CaseKind.COMPLETED, _applied(_is_completed), kept=True),
    Cases(CaseKind.RUNNING, _applied(Application.status == ApplicationResult.OPEN)),
    Cases(CaseKind.INTERVIEWED, _applied(_is_completed, _interviewed()), kept=True),
    Cases(CaseKind.ENTERED, _applied(Application.status == ApplicationResult.HIRED), kept=True),
    Cases(CaseKind.REAPPLIED, _applied(Application.status != ApplicationResult.DUPLICATE, _came_back()), kept=True),
    Cases(CaseKind.HIRED, _hired(), kept=True),
    Cases(CaseKind.HIRED_AGAIN, _hired(or_(_came_back(), _by_rescout())), kept=True),
    *_mark(HALF_A_YEAR, CaseKind.REACHED_6, CaseKind.THERE_6, CaseKind.SAID_6, CaseKind.UNSAID_6),
    *_mark(A_YEAR, CaseKind.REACHED_12, CaseKind.THERE_12, CaseKind.SAID_12, CaseKind.UNSAID_12),
    Cases(CaseKind.REJECTED, _rejected(), kept=True),
    Cases(CaseKind.REJECTED_RETURNED, _rejected(_returned()), kept=True),
    Cases(CaseKind.REJECTED_REUSED, _rejected(_reused()), kept=True),
)
