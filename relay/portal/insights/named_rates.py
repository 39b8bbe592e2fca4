"""The rates with names of their own (指標): each with its parts, its uncertainty and its definition."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.insight.costs import cut, targets
from relay.insight.costs.cut import CostCut
from relay.kpis import month_counts
from relay.kpis.definitions import Kpi
from relay.kpis.period import Months, last_months, month_words, until_now
from relay.kpis.rates import ENOUGH_CASES, Rate
from relay.models import CaseKind
from relay.network import credits, figures
from relay.portal import portal
from relay.portal.insights.numbers import Number, number, rate_words, share_words
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import yen_words
from relay.web import page

PARTS = {
    Kpi.REAPPLICATION: (CaseKind.REJECTED_RETURNED, CaseKind.REJECTED),
    Kpi.REUSE: (CaseKind.REJECTED_REUSED, CaseKind.REJECTED),
    Kpi.RETRY: (CaseKind.OPEN_TO_RETURN, CaseKind.POOLED),
}


@dataclass(frozen=True)
class RateRow:
    """One rate in words: of cases that can be opened, or of sums that are told in words."""

    kpi: Kpi
    rate: str
    numbers: Sequence[Number] = ()
    sums: Sequence[str] = ()


@portal.get("/insights/rates")
@needs("insights:read")
@tab(6, _l("指標"))
def insights_rates() -> AnyResponse:
    """Show the rates of a year."""
    session, months, ever = db.session(), last_months(), until_now()
    company_id = member().company_id
    past = [CaseKind.REJECTED, CaseKind.REJECTED_RETURNED, CaseKind.REJECTED_REUSED, CaseKind.HIRED]
    counts = month_counts.of(session, past, months.since, months.until)
    pool = month_counts.of(session, [CaseKind.POOLED, CaseKind.OPEN_TO_RETURN], ever.since, ever.until)
    rows = []
    for kpi, kinds in PARTS.items():
        whole, span = (pool, None) if kpi is Kpi.RETRY else (counts, months)
        cases, of = (number(kind, whole.total(kind), span) for kind in kinds)
        said = share_words if kpi is Kpi.RETRY else rate_words
        rows.append(RateRow(kpi, said(Rate(cases.count.all, of.count.all)), [cases, of]))
    rows += [_of_credits(session, company_id), _of_costs(session, company_id, counts.total(CaseKind.HIRED).all, months)]
    return page(
        "portal/insights/rates.html",
        counts=counts,
        months=month_words(months),
        rows=rows,
        targets=targets.get(session, company_id),
        may_write=may(member().role, "insights:write"),
        enough=ENOUGH_CASES,
        **words(),
    )


def _of_credits(session: Session, company_id: int) -> RateRow:
    """Return how many of the invited are behind credits; both are totals of all time, and the invited come in tens."""
    totals, meter = figures.funnel(session, company_id), credits.meter(session, company_id)
    if totals is None:
        return RateRow(Kpi.CREDIT, _("案内した方が%(n)s名以上になると表示します。", n=figures.ENOUGH))
    behind = min(meter.total // credits.REFERRALS_PER_CREDIT * credits.REFERRALS_PER_CREDIT, totals.told)
    return RateRow(
        Kpi.CREDIT,
        share_words(Rate(behind, totals.told)),
        sums=[
            _("獲得した紹介枠のもとになったリレー完了：%(n)s名", n=f"{behind:,}"),
            _("リレーを案内した方：%(n)s名", n=f"{totals.told:,}"),
        ],
    )


def _of_costs(session: Session, company_id: int, hires: int, months: Months) -> RateRow:
    """Return by how much a hire costs less than before; without one of the two sums, what has to be typed."""
    found = cut.of(session, company_id, months, hires)
    if found is None:
        return RateRow(
            Kpi.COST_CUT, _("Relayを使う前の3つの数字と、この12か月の費用を入力し、入社があると計算できます。")
        )
    told = [
        _("Relayを使う前：%(yen)s", yen=yen_words(found.before)),
        _("この12か月：%(yen)s", yen=yen_words(found.now)),
    ]
    return RateRow(Kpi.COST_CUT, _cut_words(found), sums=told)


def _cut_words(found: CostCut) -> str:
    percent = found.percent
    if percent is None:
        return _("前の採用単価が0円のため、割合は言えません。")
    rose = found.now > found.before
    return _("%(n)s%%の増加", n=-percent) if rose else _("%(n)s%%の削減", n=percent)
