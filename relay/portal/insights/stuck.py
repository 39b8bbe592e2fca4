"""Where a selection takes long: days per step and to the mail of the result, who waits, what contacts were answered."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.kpis import month_counts
from relay.kpis.month_counts import Count, Counts
from relay.kpis.of_selection import WAITED
from relay.kpis.period import Months, last_months, month_words, until_now
from relay.kpis.rates import ENOUGH_CASES, percentile
from relay.models import CaseKind, RescoutAnswer
from relay.portal import portal
from relay.portal.insights.numbers import Number, number
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.web import page

MAX_STEPS = 20
"""Steps and stages that are shown, those with most cases."""
MIDDLE, LONG = 0.5, 0.9


@dataclass(frozen=True)
class DaysRow:
    """How many days one step takes: the cases, the middle and the 90th of a hundred; None where they are too few."""

    name: str
    cases: Number
    middle: int | None
    long: int | None


@dataclass(frozen=True)
class WaitingRow:
    """The people waiting at one stage: all, and by how long no change was recorded."""

    stage: str
    all: Number
    by_days: list[Number]


@dataclass(frozen=True)
class AnswerRow:
    """How many contacts got one answer."""

    answer: str
    contacts: Number


@portal.get("/insights/stuck")
@needs("insights:read")
@tab(2, _l("いま止まっているところ"))
def insights_stuck() -> AnyResponse:
    """Show where a selection takes long and who waits."""
    session, months = db.session(), last_months()
    past = month_counts.of(session, [CaseKind.STEP, CaseKind.NOTIFIED, CaseKind.CONTACTED], months.since, months.until)
    ever = until_now()
    now = month_counts.of(session, [CaseKind.WAITING], ever.since, ever.until)
    return page(
        "portal/insights/stuck.html",
        counts=past,
        months=month_words(months),
        steps=_steps(past, months),
        to_mail=_days_row(CaseKind.NOTIFIED, _("見送りの決定から、結果のメールまで"), past, months),
        waiting=_waiting(now),
        waited=_waited_words(),
        contacts=number(CaseKind.CONTACTED, past.total(CaseKind.CONTACTED), months),
        answers=_answers(past, months),
        enough=ENOUGH_CASES,
        **words(),
    )


def _steps(counts: Counts, months: Months) -> list[DaysRow]:
    cases = counts.by_key(CaseKind.STEP)
    names = sorted(cases, key=lambda name: (-cases[name].all, name))[:MAX_STEPS]
    return [_days_row(CaseKind.STEP, name, counts, months, key=name) for name in names]


def _days_row(kind: CaseKind, name: str, counts: Counts, months: Months, *, key: str | None = None) -> DaysRow:
    days = {number_: count.all for number_, count in counts.by_number(kind, key=key).items()}
    told = sum(days.values()) >= ENOUGH_CASES
    return DaysRow(
        name,
        number(kind, counts.total(kind, key=key), months, key=key),
        percentile(days, MIDDLE) if told else None,
        percentile(days, LONG) if told else None,
    )


def _waiting(counts: Counts) -> list[WaitingRow]:
    stages = counts.by_key(CaseKind.WAITING)
    shown = sorted(stages, key=lambda stage: (-stages[stage].all, stage))[:MAX_STEPS]
    rows = []
    for stage in shown:
        by_days = counts.by_number(CaseKind.WAITING, key=stage)
        numbers = [
            number(CaseKind.WAITING, by_days.get(days, Count()), None, key=stage, of=days) for days in (0, *WAITED)
        ]
        everybody = number(CaseKind.WAITING, stages[stage], None, key=stage)
        rows.append(WaitingRow(stage or _("段階の記録なし"), everybody, numbers))
    return rows


def _waited_words() -> list[str]:
    """Return the heads of the columns: 0〜6日, 7〜13日, …, 30日以上."""
    until = [f"{low}〜{high - 1}" for low, high in zip((0, *WAITED), WAITED, strict=False)]
    return [*(_("%(days)s日", days=each) for each in until), _("%(days)s日以上", days=WAITED[-1])]


def _answers(counts: Counts, months: Months) -> list[AnswerRow]:
    found = counts.by_key(CaseKind.CONTACTED)
    said = [(answer.value, str(answer.label)) for answer in RescoutAnswer] + [("", _("返事はまだありません"))]
    return [
        AnswerRow(label, number(CaseKind.CONTACTED, found.get(key, Count()), months, key=key)) for key, label in said
    ]
