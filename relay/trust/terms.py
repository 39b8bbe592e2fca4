"""For how many months a company keeps its candidates, by the basis on which it may: dated rows of its own (A-24, 0.6).

A term holds for decisions from its day on. A shorter one counts for earlier decisions, too; a longer one never does,
because a person is kept longer by their own act alone, and a consent keeps the months for which it was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import EventTag, RetentionBasis, RetentionTerm, event_data, record, scopes
from relay.models.prepared import read
from relay.models.retention import ASKED_LINK

Months = Mapping[RetentionBasis, int]

MONTHS = {RetentionBasis.SELECTION: 6, RetentionBasis.STATED: 6, RetentionBasis.CONSENTED: 12}
"""Until a company says otherwise. The law names no number; these are Relay's own, and "for ever" is not among them."""
MIN_MONTHS = 2
"""The link in a result mail opens for 60 days, and goes with the record."""
MAX_MONTHS = {RetentionBasis.SELECTION: 12, RetentionBasis.STATED: 12, RetentionBasis.CONSENTED: 24}
NOTICE = timedelta(days=ASKED_LINK.number)
"""Nobody's day comes nearer than this by a shorter term: until then the links in mails that were sent still open."""


class TermRefused(DomainError):
    """Raise where a term is shorter or longer than may be."""

    code = "retention-term-refused"

    def __init__(self, basis: RetentionBasis) -> None:
        super().__init__(
            _l(
                "「%(basis)s」の保管期間は、%(least)dか月から%(most)dか月のあいだで選んでください。何も変わっていません。",
                basis=basis.label,
                least=MIN_MONTHS,
                most=MAX_MONTHS[basis],
            )
        )


@dataclass(frozen=True)
class RetentionTerms:
    """The terms a company has set: basis, months and first day, in the order in which they were set."""

    rows: tuple[tuple[RetentionBasis, int, date], ...] = ()

    def months(self, basis: RetentionBasis, day: date) -> int:
        """Return for how many months a decision or consent of this day keeps a person."""
        standing, later = MONTHS[basis], []
        for _basis, months, since in (row for row in self.rows if row[0] is basis):
            if since <= day:
                standing = months
            else:
                later.append(months)
        return standing if basis is RetentionBasis.CONSENTED else min([standing, *later])

    def newest(self) -> dict[RetentionBasis, int]:
        """Return what was set last, in force already or from tomorrow."""
        return MONTHS | {basis: months for basis, months, _since in self.rows}

    def until(self, day: date) -> "RetentionTerms":
        """Return the terms without those that came into force after this day."""
        return RetentionTerms(tuple(row for row in self.rows if row[2] <= day))

    def with_change(self, months: Months) -> "RetentionTerms":
        """Return the terms as they are once these months are set today: those that differ hold from tomorrow."""
        newest, since = self.newest(), clock.today() + timedelta(days=1)
        changed = ((basis, number, since) for basis, number in months.items() if number != newest[basis])
        return RetentionTerms((*self.rows, *changed))


@scopes.in_company
def of_company(session: Session, company_id: int) -> RetentionTerms:
    """Return what the company has set."""
    return in_scope(session)


_ROWS = select(RetentionTerm.basis, RetentionTerm.months, RetentionTerm.valid_from).order_by(RetentionTerm.id)


def in_scope(session: Session) -> RetentionTerms:
    """Return what the company in scope has set."""
    return RetentionTerms(tuple((basis, months, since) for basis, months, since in read(session, _ROWS)))


@scopes.in_company
def set_months(session: Session, company_id: int, months: Months, *, by_user_id: int | None) -> RetentionTerms:
    """Set the terms from tomorrow on; those that stay as they are make no row. The caller holds the company.

    Raises TermRefused.
    """
    refuse_beyond_bounds(months)
    before = of_company(session, company_id)
    after = before.with_change(months)
    changed = after.rows[len(before.rows) :]
    for basis, number, since in changed:
        row = RetentionTerm(basis=basis, months=number, valid_from=since, created_at=clock.now(), by_user_id=by_user_id)
        session.add(row)
        session.flush()
        data = event_data.RetentionTermSet(basis=basis.value, months=number)
        record(
            session, EventTag.RETENTION_TERM_SET, company_id=company_id, subject=("retention-term", row.id), data=data
        )
    return after


def refuse_beyond_bounds(months: Months) -> None:
    """Raise TermRefused for a term that is too short or too long."""
    for basis, number in months.items():
        if not MIN_MONTHS <= number <= MAX_MONTHS[basis]:
            raise TermRefused(basis)
