"""The sheet of a year (この1年でもたらしたもの), for the president: the sum in yen first, then what it is made of."""

from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.insight import year
from relay.insight.costs import months as costs
from relay.kpis.period import month_words
from relay.models import CaseKind
from relay.portal import portal
from relay.portal.insights.numbers import number
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import yen_words
from relay.web import page


@portal.get("/insights")
@needs("insights:read")
@tab(1, _l("この1年"))
def insights() -> AnyResponse:
    """Show what the year brought on one sheet."""
    sheet = year.sheet(db.session(), member().company_id)
    counts, months = sheet.counts, sheet.months
    hires = number(CaseKind.HIRED, counts.total(CaseKind.HIRED), months)
    spent = sum(each.yen for each in sheet.paid)
    return page(
        "portal/insights/year.html",
        sheet=sheet,
        counts=counts,
        months=month_words(months),
        numbers=[number(kind, counts.total(kind), months) for kind in year.SHOWN],
        hires=hires,
        spent=spent if sheet.paid else None,
        per_hire=costs.per_hire(spent, hires.count.all) if sheet.paid and hires.count.all else None,
        yen_words=yen_words,
        **words(),
    )
