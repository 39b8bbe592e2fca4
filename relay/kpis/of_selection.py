"""Cases of how a selection goes: days from step to step, days to the mail of the result, and who waits today."""

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.orm import aliased

from relay.kpis.cases import Cases, columns
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    CaseKind,
    NotifiedBy,
    moments,
)
from relay.models.days import days_between, japan_day

WAITED = (7, 14, 30)
"""Days without a change after which a person counts as waiting longer; below the first, as lately changed (0)."""

_next = aliased(ApplicationStep)
_steps = select(
    ApplicationStep.id,
    ApplicationStep.candidate_id,
    ApplicationStep.application_id,
    ApplicationStep.name,
    ApplicationStep.on,
    select(_next.on)
    .where(
        _next.company_id == ApplicationStep.company_id,
        _next.application_id == ApplicationStep.application_id,
        _next.on.is_not(None),
        tuple_(_next.place, _next.id) > tuple_(ApplicationStep.place, ApplicationStep.id),
    )
    .order_by(_next.place, _next.id)
    .limit(1)
    .scalar_subquery()
    .label("next_on"),
).subquery()
_decided = Application.status.in_((ApplicationResult.REJECTED, ApplicationResult.WITHDREW))
_ended_on = func.coalesce(_steps.c.next_on, case((_decided, Application.decided_on)))
"""The day of a hire ends no step: it is the first day at work, months after the decision."""
_STEP = (
    select(
        *columns(
            _steps.c.id,
            _ended_on,
            candidate_id=_steps.c.candidate_id,
            application_id=_steps.c.application_id,
            key=_steps.c.name,
            number=days_between(_steps.c.on, _ended_on),
        )
    )
    .join(Application, Application.id == _steps.c.application_id)
    .where(_ended_on >= _steps.c.on)
)
_notified_on = japan_day(Application.notified_at)
_NOTIFIED = select(
    *columns(
        Application.id,
        _notified_on,
        candidate_id=Application.candidate_id,
        application_id=Application.id,
        number=days_between(Application.decided_on, _notified_on),
    )
).where(
    Application.status == ApplicationResult.REJECTED,
    Application.notified_by == NotifiedBy.RELAY,
    Application.decided_in_relay,
    _notified_on >= Application.decided_on,
)
_changed_on = japan_day(Application.updated_at)
_waits = days_between(_changed_on, moments.today())
_WAITING = select(
    *columns(
        Application.id,
        _changed_on,
        candidate_id=Application.candidate_id,
        application_id=Application.id,
        key=Application.stage,
        number=case(*((_waits >= days, days) for days in reversed(WAITED)), else_=0),
    )
).where(Application.status == ApplicationResult.OPEN)

CASES = (
    Cases(CaseKind.STEP, _STEP, kept=True),
    Cases(CaseKind.NOTIFIED, _NOTIFIED, kept=True),
    Cases(CaseKind.WAITING, _WAITING),
)
