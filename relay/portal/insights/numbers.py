"""Numbers as pages show them: each leads to its cases, with those of erased people beside it, and to its definition."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from relay.kpis.definitions import CASES
from relay.kpis.month_counts import Count
from relay.kpis.period import Months
from relay.kpis.rates import Rate
from relay.models import CaseKind


@dataclass(frozen=True)
class Number:
    """A number, the cases that can be opened and how many more are erased."""

    kind: CaseKind
    count: Count
    url: str
    unit: str

    @property
    def label(self) -> str:
        """Return the name of the cases."""
        return str(self.kind.label)

    @property
    def definition_url(self) -> str:
        """Return where it is written when a case counts."""
        return url_for("portal.insights_definitions", _anchor=self.kind.value)


def number(
    kind: CaseKind, count: Count, months: Months | None, *, key: str | None = None, of: int | None = None
) -> Number:
    """Return a number of a page that looked at these months; `key` and `of` are the key and number of its cells."""
    span: dict[str, Any] = {"since": f"{months.since:%Y-%m}", "until": f"{months.until:%Y-%m}"} if months else {}
    url = url_for("portal.insights_cases", kind=kind, key=key, number=of, **span)
    return Number(kind, count, url, str(CASES[kind].unit))


def share_words(rate: Rate) -> str:
    """Return a rate alone, where everybody is counted and nothing is estimated."""
    return f"{round(100 * rate.share)}%" if rate.is_told else _("少なくて言えません")


def rate_words(rate: Rate) -> str:
    """Return a rate with its interval: 24%（17〜33%）; with fewer than five cases only that they are too few."""
    if not rate.is_told:
        return _("少なくて言えません")
    interval = rate.interval
    share, low, high = (round(100 * part) for part in (rate.share, interval.low, interval.high))
    return f"{share}%（{low}〜{high}%）"
