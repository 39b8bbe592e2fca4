"""保管期間 as pages print it: drawn from what the tables declare, so that page and program cannot differ (A-24)."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay import clock
from relay.models import RetentionBasis
from relay.models.retention import CANDIDATE, RETENTIONS, Audience, Retention, Unit
from relay.trust.terms import RetentionTerms

RECORDS = (
    (
        RetentionBasis.SELECTION,
        _l("選考のために保管している、応募の記録"),
        CANDIDATE.since,
        _l("採用選考のため"),
    ),
    (
        RetentionBasis.STATED,
        _l("選考後の保管も目的としてお伝えした方の、応募の記録"),
        CANDIDATE.since,
        _l("選考と、その後に改めてご連絡するため"),
    ),
    (
        RetentionBasis.CONSENTED,
        _l("選考後の保管に同意された方の、応募の記録"),
        _l(
            "最後の結果が決まった日（結果が記録されていない応募は、最後の段階の日。段階の記録もなければ応募の日）と"
            "同意をいただいた日の、遅いほう（保管を続けることに同意されたときは、それまでの期限）"
        ),
        _l("選考と、その後に改めてご連絡するため"),
    ),
)
"""The record of a candidate by the basis on which it is kept: what, from when, and why."""


@dataclass(frozen=True)
class RetentionLine:
    """One line of the page: what is kept, for how long, and why."""

    what: str
    how_long: str
    why: str


def of_company(in_force: RetentionTerms) -> list[RetentionLine]:
    """Return what a company keeps of its candidates, with its own months as they are today."""
    today = clock.today()
    records = [
        RetentionLine(str(what), _counted(str(since), in_force.months(basis, today), Unit.MONTHS), str(why))
        for basis, what, since, why in RECORDS
    ]
    return [*records, *of(Audience.COMPANY)]


def of(audience: Audience) -> list[RetentionLine]:
    """Return what is kept of these people in the same way by every company, in the order of the declarations."""
    return [
        RetentionLine(str(term.what), how_long(term), str(term.basis))
        for term in RETENTIONS
        if term.audience is audience and term is not CANDIDATE
    ]


def how_long(term: Retention) -> str:
    """Return the length with the moment it is counted from; where there is none, the moment itself."""
    return _counted(str(term.since), term.number, term.unit) if term.number else str(term.since)


def _counted(since: str, number: int, unit: Unit) -> str:
    if unit is Unit.HOURS:
        return _("%(since)sから%(n)d時間", since=since, n=number)
    if unit is Unit.DAYS:
        return _("%(since)sから%(n)d日", since=since, n=number)
    if unit is Unit.MONTHS:
        return _("%(since)sから%(n)dか月", since=since, n=number)
    return _("%(since)sから%(n)d年", since=since, n=number)
