"""The relay in numbers: from the invitation to the referral, referrals by month, the way to the next credit."""

import math

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.kpis import definitions, month_counts
from relay.kpis.month_counts import Count, Counts
from relay.kpis.period import Months, last_months, month_words
from relay.kpis.rates import ENOUGH_CASES
from relay.models import CaseKind
from relay.network import credits, figures, outcome_totals, ratings
from relay.network.credits import Meter
from relay.portal import portal
from relay.portal.insights.numbers import number
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.web import page

PACE = 6
"""Whole months by which the way to the next credit is reckoned."""
LONGEST = 60
"""Months beyond which no estimate is told."""


@portal.get("/insights/relay")
@needs("insights:read")
@tab(5, _l("リレー"))
def insights_relay() -> AnyResponse:
    """Show what the invitations led to."""
    session, company_id, months = db.session(), member().company_id, last_months()
    kinds = [CaseKind.REFERRED, CaseKind.CREDIT_EARNED]
    counts = month_counts.of(session, kinds, months.since, months.until)
    meter = credits.meter(session, company_id)
    return page(
        "portal/insights/relay.html",
        counts=counts,
        months=month_words(months),
        totals=figures.funnel(session, company_id),
        outcome_totals=outcome_totals.totals(session, company_id),
        rating_totals=ratings.totals(session, company_id),
        rating=definitions.RATING,
        enough=figures.ENOUGH,
        figures=meter,
        next_credit=_next_credit(counts, months, meter),
        by_month=[
            (each, *(number(kind, counts.by_month(kind).get(each, Count()), Months(each, each)) for kind in kinds))
            for each in reversed(months.each)
        ],
        most=max((each.all for each in counts.by_month(CaseKind.REFERRED).values()), default=0),
        **words(),
    )


def _next_credit(counts: Counts, months: Months, meter: Meter) -> str:
    """Return how long the next credit takes at the pace of the last whole months, or that too few came to tell."""
    whole = months.each[-PACE - 1 : -1]
    by_month = counts.by_month(CaseKind.REFERRED)
    came = sum(by_month.get(each, Count()).all for each in whole)
    rest = _("次の紹介枠まで、あと%(n)s名です。", n=meter.to_next)
    if came < ENOUGH_CASES:
        return rest + _("この6か月のリレー完了が%(n)s名のため、何か月かかるかはまだ言えません。", n=came)
    needed = math.ceil(meter.to_next * PACE / came)
    if needed > LONGEST:
        return rest + _("この6か月と同じ割合なら、5年より長くかかります。")
    return rest + _(
        "この6か月のリレー完了は%(came)s名でした。同じ割合が続けば、あと%(months)sか月ほどです（約束ではありません）。",
        came=came,
        months=needed,
    )
