"""Cases of how a selection goes: days from step to step, days to the mail of the result, and who waits today."""

from sqlalchemy import case, func, select

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

_steps = (
    select(
        ApplicationStep.id,
        ApplicationStep.candidate_id,
        ApplicationStep.application_id,
        ApplicationStep.name,
        ApplicationStep.on,
        func.lead(ApplicationStep.on)
        .over(
            partition_by=ApplicationStep.application_id,
            order_by=(ApplicationStep.place, ApplicationStep.id),
        )
        .label("next_on"),
    )
    .where(ApplicationStep.on.is_not(None))
    .subquery()
)
_ended_on = func.coalesce(_steps.c.next_on, Application.decided_on)
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
