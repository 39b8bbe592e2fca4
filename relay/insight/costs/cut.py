"""By how much a hire costs less than before Relay (採用単価削減率): both costs of a hire, and the rate."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from relay.insight.costs import baseline, months
from relay.kpis.period import Months


@dataclass(frozen=True)
class CostCut:
    """The yen of one hire in the year before Relay and in the months that are looked at."""

    before: int
    now: int

    @property
    def percent(self) -> int | None:
        """Return the cut in percent of the cost before, below zero where it rose; None where that was nothing."""
        return round(100 * (self.before - self.now) / self.before) if self.before else None


def of(session: Session, company_id: int, span: Months, hires: int) -> CostCut | None:
    """Return the costs of a hire, in the scope of the caller; None without costs of one of both, or without a hire."""
    before = baseline.get(session, company_id).cost_per_hire
    paid = months.of_year(session, span.since, span.until)
    if before is None or not paid or not hires:
        return None
    return CostCut(before, months.per_hire(sum(each.yen for each in paid), hires))
