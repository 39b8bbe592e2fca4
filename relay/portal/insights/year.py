"""The sheet of a year (この1年でもたらしたもの), for the president: the sum in yen first, then what it is made of."""

from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.insight import savings
from relay.insight.costs import baseline
from relay.insight.costs import months as costs
from relay.insight.savings import Savings
from relay.kpis import month_counts
from relay.kpis.month_counts import Counts
from relay.kpis.rates import ENOUGH_CASES
from relay.models import CaseKind, CostKind
from relay.network import credits
from relay.network.credits import Meter
from relay.portal import portal
from relay.portal.insights.numbers import month_words, number
from relay.portal.insights.period import last_months
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import yen_words
from relay.web import page

_SHOWN = (
    CaseKind.REFERRED,
    CaseKind.CREDIT_EARNED,
    CaseKind.CREDIT_USED,
    CaseKind.INTRODUCED,
    CaseKind.INTRODUCED_HIRED,
    CaseKind.REAPPLIED,
    CaseKind.HIRED_AGAIN,
)
_ROUND = 10_000
"""Sums are told in full 万円, rounded down."""


@portal.get("/insights")
@needs("insights:read")
@tab(1, _l("この1年"))
def insights() -> AnyResponse:
    """Show what the year brought on one sheet."""
    session, company_id, months = db.session(), member().company_id, last_months()
    counts = month_counts.of(session, (*_SHOWN, CaseKind.HIRED), months.since, months.until)
    before, paid = baseline.get(session, company_id), costs.of_year(session, months.since, months.until)
    by_position = {each: n.all for each, n in counts.by_number(CaseKind.INTRODUCED_HIRED).items()}
    saved = savings.of(session, by_position, before.fee_rate)
    meter = credits.meter(session, company_id)
    hires = number(CaseKind.HIRED, counts.total(CaseKind.HIRED), months)
    spent = sum(each.yen for each in paid)
    return page(
        "portal/insights/year.html",
        counts=counts,
        months=month_words(months),
        headline=_headline(counts, saved, before.fee_rate, meter),
        relay_costs=_relay_costs([each.yen for each in paid if each.kind is CostKind.RELAY]),
        saved=saved,
        rate=before.fee_rate,
        numbers=[number(kind, counts.total(kind), months) for kind in _SHOWN],
        set_aside=credits.set_aside_credits(session, company_id),
        hires=hires,
        spent=spent if paid else None,
        per_hire=costs.per_hire(spent, hires.count.all) if paid and hires.count.all else None,
        before=before,
        yen_words=yen_words,
        enough=ENOUGH_CASES,
        **words(),
    )


def _headline(counts: Counts, saved: Savings, rate: Decimal | None, meter: Meter) -> str:
    """Return the first line: what was not paid, or that it is nothing yet and what comes next."""
    hired = counts.total(CaseKind.INTRODUCED_HIRED).all
    if not hired:
        return _next_step(meter)
    if rate is None or not saved.fees:
        return _(
            "この1年で、紹介枠での採用が%(n)s名ありました。金額は、求人の年収と紹介手数料の料率が分かると計算できます。",
            n=f"{hired:,}",
        )
    return _(
        "この1年で、紹介手数料にして約%(yen)s（紹介枠での採用%(n)s名×年収×料率）を使わずに済みました。",
        yen=yen_words(saved.yen // _ROUND * _ROUND),
        n=f"{hired - saved.unpriced:,}",
    )


def _next_step(meter: Meter) -> str:
    """Return that it is nothing yet, and the act that brings the first saving nearest."""
    if meter.free:
        return _("まだ0円です。次の一歩：空いている紹介枠%(n)s件で、紹介会社に紹介を依頼する。", n=meter.free)
    if meter.total:
        return _(
            "まだ0円です。次の一歩：あと%(n)s名の登録で紹介枠を1件獲得できます。見送りの結果連絡をRelayから送る。",
            n=meter.to_next,
        )
    return _("まだ0円です。次の一歩：見送りの結果連絡をRelayから送る。登録が10名になると、紹介枠を1件獲得できます。")


def _relay_costs(yen: list[int]) -> str:
    return _("Relayの費用は%(yen)s。", yen=yen_words(sum(yen))) if yen else _("Relayの費用は記入されていません。")
