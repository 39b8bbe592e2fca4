"""How long a person is kept, reckoned from decisions by the months of `relay.trust.terms` (A-24)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from relay import clock
from relay.models import ApplicationResult, RetentionBasis
from relay.models.retention import PAST_DATE
from relay.trust.terms import RetentionTerms

GRACE = timedelta(days=PAST_DATE.number)
"""How long someone past their date is still kept, for HR to confirm (A-4)."""

STRENGTH = (RetentionBasis.SELECTION, RetentionBasis.STATED, RetentionBasis.CONSENTED)
"""The bases from the narrowest to the widest."""


@lru_cache(maxsize=4_096)  # tricks: import
def after_decision(terms: RetentionTerms, basis: RetentionBasis, decided_on: date) -> date:
    """Give the last day a person is kept after one decision, by calendar months (A-24, F-20)."""
    return decided_on + relativedelta(months=terms.months(basis, decided_on))


def last_known(decided_on: date | None, stepped_on: date | None, applied_on: date | None, entered_at: datetime) -> date:
    """Give the day from which an application counts: its result's, else its last step's, else its own (A-24)."""
    return decided_on or stepped_on or applied_on or entered_at.astimezone(clock.JAPAN).date()


def open_ended(statuses: Iterable[ApplicationResult]) -> bool:
    """Return whether a selection still runs, so that no date is set."""
    return any(status is ApplicationResult.OPEN for status in statuses)


def last_day(
    terms: RetentionTerms, basis: RetentionBasis, applications: Sequence[tuple[ApplicationResult, date | None]]
) -> date | None:
    """Give the last day a person is kept by all their applications; None while one is open, or where none is."""
    if open_ended(status for status, _decided in applications):
        return None
    return max((after_decision(terms, basis, decided) for _status, decided in applications if decided), default=None)


def with_grace(day: date | None, standing: date | None) -> date | None:
    """Return the date to set after a new reckoning: a day already past gives way to the present one, or to 30 days.

    Nobody leaves overnight because of what a file says: HR has time to confirm (A-4).
    """
    today = clock.today()
    if day is None or day >= today:
        return day
    return standing if standing and standing >= today else today + GRACE
