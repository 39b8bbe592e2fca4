"""The rows that a feed reads back: a count for each month, kind of case and key, of two years.

They leave the company by a link, so they hold less than its pages: no position, no days, no source of a referral, and
of few people no reason, no answer and no stay by its channel. Visits, registrations and outcomes elsewhere are in none
(A-45).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay import clock
from relay.kpis import month_counts
from relay.kpis.month_counts import Counts
from relay.models import CaseKind, RejectionReason, RescoutAnswer
from relay.models.labels import Labelled

MONTHS = 24
"""This month and those before it."""
TOLD_FROM = 10
"""Cases of a month from which on reasons, answers and stays are told apart: below, they would be one person's."""
_APART_FROM_TEN: dict[CaseKind, type[Labelled] | None] = {
    CaseKind.REACHED_6: None,
    CaseKind.THERE_6: None,
    CaseKind.SAID_6: None,
    CaseKind.UNSAID_6: None,
    CaseKind.REACHED_12: None,
    CaseKind.THERE_12: None,
    CaseKind.SAID_12: None,
    CaseKind.UNSAID_12: None,
    CaseKind.REJECTED: RejectionReason,
    CaseKind.REJECTED_RETURNED: RejectionReason,
    CaseKind.REJECTED_REUSED: RejectionReason,
    CaseKind.CONTACTED: RescoutAnswer,
}
"""Kinds whose key is told apart from ten on, with the words of the key where it is one of a closed list."""
_UNDIVIDED = frozenset({CaseKind.REFERRED})
"""Kinds whose key is not the company's own word about its own selection."""


class NotCountedYet(Exception):
    """Raise where the worker is yet to count a large company: no rows would read as zeros."""


@dataclass(frozen=True)
class FeedRow:
    """How many cases of a kind and key fall into a month, living and erased together."""

    month: date
    """Its first day."""
    kind: CaseKind
    label: str
    key: str
    count: int

    def as_json(self) -> dict[str, Any]:
        """Return it as the JSON of the feed has it."""
        return asdict(self) | {"month": self.month.isoformat(), "kind": self.kind.value}


@dataclass(frozen=True)
class FeedRows:
    """The rows in the order of months, kinds and keys, and the moment that they are of."""

    as_of: datetime
    rows: Sequence[FeedRow]


def header() -> tuple[str, ...]:
    """Return the first line of the CSV; its order is part of the contract."""
    return _("月"), _("記号"), _("種類"), _("内訳"), _("数")


def cells(row: FeedRow) -> tuple[object, ...]:
    """Return a row as the CSV has it."""
    return row.month.isoformat(), row.kind.value, row.label, row.key, row.count


def read_back(session: Session) -> FeedRows:
    """Return the rows of the company in scope. Raises NotCountedYet."""
    until = clock.today().replace(day=1)
    counts = month_counts.of(session, tuple(CaseKind), until - relativedelta(months=MONTHS - 1), until)
    if counts.awaited:
        raise NotCountedYet
    rows = [row for kind in CaseKind for row in _rows(counts, kind)]
    return FeedRows(counts.at or clock.now(), sorted(rows, key=lambda row: row.month))


def _rows(counts: Counts, kind: CaseKind) -> Iterator[FeedRow]:
    sums: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for cell, count in counts.cells[kind].items():
        sums[cell.month]["" if kind in _UNDIVIDED else cell.key] += count.all
    for month, by_key in sums.items():
        for key, number in sorted(_told(kind, by_key).items()):
            yield FeedRow(month, kind, str(kind.label), key, number)


def _told(kind: CaseKind, by_key: Mapping[str, int]) -> Mapping[str, int]:
    """Return the numbers of a month by the words of their keys; in one number where there are too few to tell apart."""
    if kind not in _APART_FROM_TEN:
        return by_key
    total = sum(by_key.values())
    if total < TOLD_FROM:
        return {_("%(n)s件未満のため内訳なし", n=TOLD_FROM): total}
    words = _APART_FROM_TEN[kind]
    labels = {word.value: str(label) for word, label in words.labels().items()} if words else {}
    return {labels.get(key, key): number for key, number in by_key.items()}
