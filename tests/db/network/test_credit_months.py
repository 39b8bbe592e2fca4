"""Months of the ledger in SQL: turned at midnight in Japan, read along an index whatever the ledger holds."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.network import credit_months, credits
from relay.network.credit_months import CarriedOver, LedgerMonth
from tests.bench import plans
from tests.cast import Cast
from tests.db.network.test_ledger import fill
from tests.statements import said

MIDNIGHT = datetime(2025, 10, 31, 15, tzinfo=UTC)
"""The first moment of November in Japan."""
OCTOBER, NOVEMBER = LedgerMonth(date(2025, 10, 1)), LedgerMonth(date(2025, 11, 1))


@pytest.fixture(autouse=True)
def _turn_of_the_month(session: Session, cast: Cast) -> None:
    """A credit earned in the last moment of October, and one held in the first of November."""
    with clock.at(MIDNIGHT - timedelta(microseconds=1)):
        fill(session, cast.acme, 20)
    with clock.at(MIDNIGHT):
        credits.reserve(session, cast.acme.id, "経理の募集")
    session.commit()


def test_a_month_turns_at_midnight_in_japan(session: Session, cast: Cast) -> None:
    company_id = cast.acme.id
    lines = {
        month: [line.sequence for line in credit_months.lines_of_month(session, company_id, month)]
        for month in (OCTOBER, NOVEMBER, NOVEMBER.next)
    }
    assert lines == {OCTOBER: [1, 2], NOVEMBER: [3], NOVEMBER.next: []}
    carried = [credit_months.carried_into(session, company_id, month) for month in (OCTOBER, NOVEMBER, NOVEMBER.next)]
    assert carried == [CarriedOver(0, 0), CarriedOver(2, 0), CarriedOver(1, 1)]
    assert credit_months.first_month(session, company_id) == OCTOBER
    assert credit_months.first_month(session, cast.other.id) is None


def test_years_follow_each_other() -> None:
    december = LedgerMonth(date(2025, 12, 1))
    assert (str(december.next), str(december.next.previous), str(december.previous)) == (
        "2026-01",
        "2025-12",
        "2025-11",
    )


def test_what_is_read_of_a_month_is_found_along_an_index_and_nothing_is_sorted(session: Session, cast: Cast) -> None:
    session.execute(text("ANALYZE"))
    session.commit()
    with said(db.engine) as statements:
        page = credit_months.page_of_month(session, cast.acme.id, OCTOBER, limit=1)
        credit_months.page_of_month(session, cast.acme.id, OCTOBER, after=page.next, limit=1)
        credit_months.carried_into(session, cast.acme.id, NOVEMBER)
    session.rollback()
    explained = plans.explained(db.engine, statements, small=False, sorting=False)
    found = [plan for plan in explained if "LIMIT" in plan]
    assert len(found) == 3
    for plan in found:
        assert "ix_credit_entries_company_at" in plan, plan
        assert "Sort" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan
