"""Reasons of rejections over a year and by position, and what each says could be changed (培う先)."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.kpis import month_counts
from relay.kpis.month_counts import Cell, Count, Counts
from relay.kpis.period import Months, last_months, month_words
from relay.models import CaseKind, Position, RejectionReason
from relay.models.names import names_by_id
from relay.portal import portal
from relay.portal.insights.numbers import Number, number
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import Sentence
from relay.web import page

MAX_POSITIONS = 50
"""Positions one can choose, those with most rejections."""
A_QUARTER = 3
"""Months of a column."""
MANY_OTHERS = 0.25
"""The share of その他 from which on the list of reasons wants mending."""


@dataclass(frozen=True)
class ReasonAdvice:
    """Where a company can begin where a reason is frequent (培う先), and how."""

    place: Sentence
    act: Sentence


_NEXT_TIME = ReasonAdvice(_l("人材プール"), _l("次の募集で、先に声をかける"))
CULTIVATE: dict[RejectionReason, ReasonAdvice] = {
    RejectionReason.SKILLS: ReasonAdvice(_l("育成"), _l("講座を持つ学校の案内や、未経験者を育てる募集を考える")),
    RejectionReason.COMPARISON: _NEXT_TIME,
    RejectionReason.FILLED: _NEXT_TIME,
    RejectionReason.CONDITIONS: ReasonAdvice(_l("求人票"), _l("合わなかった条件を、応募の前に分かるように書く")),
    RejectionReason.DOCUMENTS: ReasonAdvice(_l("応募の案内"), _l("必要な書類と書き方を先に伝える")),
    RejectionReason.OTHER: ReasonAdvice(_l("理由の選び方"), _l("当てはまる理由がないか見直す")),
}
_UNSAID = ReasonAdvice(_l("記録"), _l("「情報が足りない方」で、理由を記録できます"))


@dataclass(frozen=True)
class ReasonRow:
    """One reason: how often in all and in each quarter, the share, and where to begin."""

    reason: str
    all: Number
    quarters: list[Number]
    share: float
    advice: ReasonAdvice


@portal.get("/insights/rejections")
@needs("insights:read")
@tab(4, _l("見送りの理由"))
def insights_rejections() -> AnyResponse:
    """Show the reasons of a year by quarter, of all positions or of one."""
    session, months = db.session(), last_months()
    counts = month_counts.of(session, [CaseKind.REJECTED], months.since, months.until)
    positions = _positions(session, counts)
    chosen = next((each for each in positions if str(each[0]) == request.args.get("position")), None)
    cells = {
        cell: count
        for cell, count in counts.cells[CaseKind.REJECTED].items()
        if chosen is None or cell.number == chosen[0]
    }
    position_id = None if chosen is None else chosen[0]
    return page(
        "portal/insights/rejections.html",
        counts=counts,
        months=month_words(months),
        positions=positions,
        chosen=chosen,
        rows=_rows(cells, months, position_id),
        all=number(CaseKind.REJECTED, _sum(cells, months), months, of=position_id),
        quarters=[_quarter_words(each) for each in _quarters(months)],
        many_others=_many_others(cells),
        **words(),
    )


def _positions(session: Session, counts: Counts) -> list[tuple[int, str]]:
    """Return the positions with rejections, those with most first; 0 is none."""
    found = counts.by_number(CaseKind.REJECTED)
    ids = sorted(found, key=lambda each: (-found[each].all, each))[:MAX_POSITIONS]
    titles = names_by_id(session, Position.title, ids)
    return [(each, titles.get(each, _("求人の記録なし"))) for each in ids]


def _rows(cells: dict[Cell, Count], months: Months, position_id: int | None) -> list[ReasonRow]:
    everything = _sum(cells, months).all
    rows = []
    for key, label, advice in _reasons():
        of_reason = {cell: count for cell, count in cells.items() if cell.key == key}
        total = _sum(of_reason, months)
        if not total.all and not key:
            continue
        quarters = [
            number(CaseKind.REJECTED, _sum(of_reason, each), each, key=key, of=position_id)
            for each in _quarters(months)
        ]
        everybody = number(CaseKind.REJECTED, total, months, key=key, of=position_id)
        rows.append(ReasonRow(label, everybody, quarters, total.all / everything if everything else 0, advice))
    return rows


def _reasons() -> list[tuple[str, str, ReasonAdvice]]:
    """Return the key, the words and the advice of each reason, and of none."""
    known = [(reason.value, str(reason.label), CULTIVATE[reason]) for reason in RejectionReason]
    return [*known, ("", _("理由の記録なし"), _UNSAID)]


def _quarters(months: Months) -> list[Months]:
    each = months.each
    starts = range(0, len(each), A_QUARTER)
    return [Months(each[start], each[start + A_QUARTER - 1]) for start in starts]


def _quarter_words(quarter: Months) -> str:
    return _("%(first)s〜%(last)s月", first=quarter.since.month, last=quarter.until.month)


def _sum(cells: dict[Cell, Count], months: Months) -> Count:
    total = Count()
    for cell, count in cells.items():
        if months.since <= cell.month <= months.until:
            total = total.plus(count)
    return total


def _many_others(cells: dict[Cell, Count]) -> bool:
    everything = sum(count.all for cell, count in cells.items() if cell.key)
    others = sum(count.all for cell, count in cells.items() if cell.key == RejectionReason.OTHER)
    return others > MANY_OTHERS * everything
