"""保管期間 as pages print it: drawn from what the tables declare, so that page and program cannot differ (A-24)."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay.models import RetentionBasis
from relay.models.retention import CANDIDATE, RETENTIONS, Audience, Retention, Unit
from relay.trust.terms import MONTHS

RECORDS = (
    (RetentionBasis.SELECTION, _l("選考のために保管している、応募の記録"), _l("採用選考のため")),
    (
        RetentionBasis.STATED,
        _l("選考後の保管も目的としてお伝えした方の、応募の記録"),
        _l("選考と、その後にあらためてご連絡するため"),
    ),
    (
        RetentionBasis.CONSENTED,
        _l("選考後の保管に同意された方の、応募の記録"),
        _l("選考と、その後にあらためてご連絡するため"),
    ),
)
"""The record of a candidate by the basis on which it is kept: what, and why."""


@dataclass(frozen=True)
class RetentionLine:
    """One line of the page: what is kept, for how long, and why."""

    what: str
    how_long: str
    why: str


def lines(audience: Audience) -> list[RetentionLine]:
    """Return what is kept of these people, in the order of the declarations."""
    return [line for each in RETENTIONS if each.audience is audience for line in _lines_of(each)]


def _lines_of(term: Retention) -> Iterator[RetentionLine]:
    if term is not CANDIDATE:
        yield RetentionLine(str(term.what), how_long(term), str(term.basis))
        return
    for basis, what, why in RECORDS:
        yield RetentionLine(str(what), _counted(term, MONTHS[basis], Unit.MONTHS), str(why))


def how_long(term: Retention) -> str:
    """Return the length with the moment it is counted from; where there is none, the moment itself."""
    return _counted(term, term.number, term.unit) if term.number else str(term.since)


def _counted(term: Retention, number: int, unit: Unit) -> str:
    since = str(term.since)
    if unit is Unit.HOURS:
        return _("%(since)sから%(n)d時間", since=since, n=number)
    if unit is Unit.DAYS:
        return _("%(since)sから%(n)d日", since=since, n=number)
    if unit is Unit.MONTHS:
        return _("%(since)sから%(n)dか月", since=since, n=number)
    return _("%(since)sから%(n)d年", since=since, n=number)
