"""The year of a company in a sentence and a few numbers (この1年でもたらしたもの): yen first, nothing estimated.

Its page and the mail of a month read them here, so they say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay.insight import savings
from relay.insight.costs import baseline
from relay.insight.costs import months as costs
from relay.insight.costs.baseline import Baseline
from relay.insight.costs.months import YearSum
from relay.insight.savings import Savings
from relay.kpis import month_counts
from relay.kpis.month_counts import Counts
from relay.kpis.period import Months, last_months
from relay.models import CaseKind, CostKind
from relay.network import credits
from relay.network.credits import Meter
from relay.text import yen_words

SHOWN = (
    CaseKind.REFERRED,
    CaseKind.CREDIT_EARNED,
    CaseKind.CREDIT_USED,
    CaseKind.INTRODUCED,
    CaseKind.INTRODUCED_HIRED,
    CaseKind.REAPPLIED,
    CaseKind.HIRED_AGAIN,
)
"""What the sheet counts, in its order: no reason, no answer and no stay, which of few people would be one person's."""
_ROUND = 10_000
"""Sums are told in full 万円, rounded down."""


@dataclass(frozen=True)
class YearSheet:
    """The pieces of the sheet: of this month and the eleven before it, and the credits of now."""

    months: Months
    counts: Counts
    before: Baseline
    paid: Sequence[YearSum]
    saved: Savings
    meter: Meter
    set_aside: int
    """Credits that requests hold now."""

    @property
    def headline(self) -> str:
        """Return the first line: what was not paid, or that it is nothing yet and what comes next; then Relay's cost.

        The sum names how it was reckoned, and is no sum without a rate and a salary.
        """
        return self._saved_words() + self._relay_words()

    @property
    def how_reckoned(self) -> str:
        """Return what the salary and the rate of the sum are; nothing where there is no sum."""
        if not self.saved.fees:
            return ""
        return _("年収は求人の下限（月給は12か月分、賞与を含みません）、料率は記入された自社の紹介手数料の率です。")

    @property
    def left_out(self) -> str:
        """Return how many hires a sum does not hold; nothing where it holds all, or there is none."""
        if not self.saved.fees or not self.saved.unpriced:
            return ""
        return _("年収か料率が分からないため、%(n)s名分は金額に含みません。", n=self.saved.unpriced)

    def _saved_words(self) -> str:
        hired = self.counts.total(CaseKind.INTRODUCED_HIRED).all
        if not hired:
            return _next_step(self.meter)
        if not self.saved.fees:
            return _(
                "この1年で、紹介枠での採用が%(n)s名ありました。金額は、求人の年収と紹介手数料の料率が分かると"
                "計算できます。",
                n=f"{hired:,}",
            )
        return _(
            "この1年で、紹介手数料にして約%(yen)s（紹介枠での採用%(n)s名×年収×料率）を使わずに済みました。",
            yen=yen_words(self.saved.yen // _ROUND * _ROUND),
            n=f"{hired - self.saved.unpriced:,}",
        )

    def _relay_words(self) -> str:
        yen = [each.yen for each in self.paid if each.kind is CostKind.RELAY]
        return _("Relayの費用は%(yen)s。", yen=yen_words(sum(yen))) if yen else _("Relayの費用は記入されていません。")


def sheet(session: Session, company_id: int) -> YearSheet:
    """Return the sheet of the company in scope as of now."""
    months = last_months()
    counts = month_counts.of(session, (*SHOWN, CaseKind.HIRED), months.since, months.until)
    before = baseline.get(session, company_id)
    return YearSheet(
        months,
        counts,
        before,
        costs.of_year(session, months.since, months.until),
        _saved(session, counts, before.fee_rate),
        credits.meter(session, company_id),
        credits.set_aside_credits(session, company_id),
    )


def _saved(session: Session, counts: Counts, rate: Decimal | None) -> Savings:
    hires = {position: n.all for position, n in counts.by_number(CaseKind.INTRODUCED_HIRED).items()}
    return savings.of(session, hires, rate)


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
