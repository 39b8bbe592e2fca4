"""The rates with names of their own (指標): each with its parts, its uncertainty and its definition."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.kpis import month_counts
from relay.kpis.definitions import KPIS, Kpi, KpiDefinition
from relay.kpis.rates import ENOUGH_CASES, Rate
from relay.models import CaseKind
from relay.portal import portal
from relay.portal.insights.numbers import Number, month_words, number, rate_words
from relay.portal.insights.period import last_months, until_now
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.web import page

PARTS = {
    Kpi.REAPPLICATION: (CaseKind.REJECTED_RETURNED, CaseKind.REJECTED),
    Kpi.REUSE: (CaseKind.REJECTED_REUSED, CaseKind.REJECTED),
    Kpi.RETRY: (CaseKind.OPEN_TO_RETURN, CaseKind.POOLED),
}


@dataclass(frozen=True)
class RateRow:
    """One rate: its parts, which can be opened, and the rate in words."""

    kpi: Kpi
    definition: KpiDefinition
    cases: Number
    of: Number
    rate: str


@portal.get("/insights/rates")
@needs("insights:read")
@tab(6, _l("指標"))
def insights_rates() -> AnyResponse:
    """Show the rates of a year."""
    session, months, ever = db.session(), last_months(), until_now()
    past = [CaseKind.REJECTED, CaseKind.REJECTED_RETURNED, CaseKind.REJECTED_REUSED]
    counts = month_counts.of(session, past, months.since, months.until)
    pool = month_counts.of(session, [CaseKind.POOLED, CaseKind.OPEN_TO_RETURN], ever.since, ever.until)
    rows = []
    for kpi, kinds in PARTS.items():
        whole, span = (pool, None) if kpi is Kpi.RETRY else (counts, months)
        cases, of = (number(kind, whole.total(kind), span) for kind in kinds)
        rows.append(RateRow(kpi, KPIS[kpi], cases, of, rate_words(Rate(cases.count.all, of.count.all))))
    return page(
        "portal/insights/rates.html",
        counts=counts,
        months=month_words(months),
        rows=rows,
        enough=ENOUGH_CASES,
        **words(),
    )
