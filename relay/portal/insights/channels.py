"""Channels: applications, interviews, hires and who is still there, of those whose selection is over."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.insight.costs import months as costs
from relay.kpis import month_counts
from relay.kpis.month_counts import Count, Counts
from relay.kpis.period import Months, last_months, month_words
from relay.kpis.rates import ENOUGH_CASES, Rate
from relay.models import CaseKind
from relay.portal import portal
from relay.portal.insights.numbers import Number, number, rate_words
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import fold, yen_words
from relay.web import page

MAX_CHANNELS = 20
"""Channels that are shown, those with most applications."""
_FUNNEL = (CaseKind.APPLIED, CaseKind.RUNNING, CaseKind.COMPLETED, CaseKind.INTERVIEWED, CaseKind.ENTERED)
_STAYS = (
    (6, (CaseKind.REACHED_6, CaseKind.THERE_6, CaseKind.SAID_6, CaseKind.UNSAID_6)),
    (12, (CaseKind.REACHED_12, CaseKind.THERE_12, CaseKind.SAID_12, CaseKind.UNSAID_12)),
)


@dataclass(frozen=True)
class ChannelRow:
    """One channel: the numbers in the order of _FUNNEL, and its rates in words."""

    name: str
    numbers: list[Number]
    yen: int | None
    """The costs recorded of it; None where there is none."""
    interviewed_rate: str
    entered_rate: str


@dataclass(frozen=True)
class ChannelStay:
    """Of one channel, how many of those with a word on a mark are there, and of how many nobody said anything."""

    name: str
    there: Number
    said: Number
    unsaid: Number


@portal.get("/insights/channels")
@needs("insights:read")
@tab(3, _l("応募経路"))
def insights_channels() -> AnyResponse:
    """Show the channels side by side."""
    session, months = db.session(), last_months()
    counts = month_counts.of(session, _FUNNEL, months.since, months.until)
    applied = counts.by_key(CaseKind.APPLIED)
    paid = _paid(session, months)
    names = sorted(applied, key=lambda name: (-applied[name].all, name))
    return page(
        "portal/insights/channels.html",
        counts=counts,
        months=month_words(months),
        rows=[_row(name, counts, months, paid.get(fold(name)) if name else None) for name in names[:MAX_CHANNELS]],
        total=_row(None, counts, months, sum(paid.values()) if paid else None),
        per_hire=costs.per_hire,
        yen_words=yen_words,
        more=max(0, len(names) - MAX_CHANNELS),
        stays=[(mark, month_words(span), _stays(session, span, kinds)) for mark, span, kinds in _marks(months)],
        enough=ENOUGH_CASES,
        **words(),
    )


def _paid(session: Session, months: Months) -> dict[str, int]:
    """Return the costs of each channel, in any width; those of none are under an empty word."""
    sums: dict[str, int] = defaultdict(int)
    for each in costs.of_year(session, months.since, months.until):
        sums[fold(each.channel)] += each.yen
    return dict(sums)


def _row(name: str | None, counts: Counts, months: Months, yen: int | None) -> ChannelRow:
    """Return the row of a channel, or of all together."""
    numbers = [number(kind, counts.total(kind, key=name), months, key=name) for kind in _FUNNEL]
    completed, interviewed, entered = (each.count.all for each in numbers[2:])
    return ChannelRow(
        _("すべての経路") if name is None else name or _("経路の記録なし"),
        numbers,
        yen,
        rate_words(Rate(interviewed, completed)),
        rate_words(Rate(entered, completed)),
    )


def _marks(months: Months) -> list[tuple[int, Months, Sequence[CaseKind]]]:
    """Return each mark with the months of the hires that reached it in the months of the page."""
    return [(mark, months.back(mark), kinds) for mark, kinds in _STAYS]


def _stays(session: Session, span: Months, kinds: Sequence[CaseKind]) -> list[ChannelStay]:
    """Return the channels of those who reached the first of the kinds, with the numbers of the others."""
    counts = month_counts.of(session, kinds, span.since, span.until)
    hires = counts.by_key(kinds[0])
    names = sorted(hires, key=lambda name: (-hires[name].all, name))[:MAX_CHANNELS]
    return [
        ChannelStay(
            name or _("経路の記録なし"),
            *(number(kind, counts.by_key(kind).get(name, Count()), span, key=name) for kind in kinds[1:]),
        )
        for name in names
    ]
