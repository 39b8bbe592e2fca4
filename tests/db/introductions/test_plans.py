"""Pages find what waits among all requests ever made along an index, and read no posting for a line of home."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from relay.extensions import db
from relay.introductions import for_partners, lists
from relay.models import scopes
from relay.network import credits, honouring
from relay.portal.home import value
from tests.bench.plans import explained
from tests.conftest import ON_ONE
from tests.db.introductions.build import Desk
from tests.statements import said

READ = {
    "ix_introduction_requests_company_state (company_id=? AND state=?)": lists.to_be_recorded,
    "COVERING INDEX ix_introduction_requests_company_state (company_id=? AND state=?)": value.met_and_hired,
}


def plan_of(session: Session, act: Callable[[], object]) -> str:
    with said(db.engine) as statements:
        act()
    session.commit()  # another connection explains
    about = [each for each in statements if "introduction_requests" in each[0]]
    return "\n".join(explained(db.engine, about))


@ON_ONE
@pytest.mark.parametrize("index", READ)
def test_home_reads_a_companys_requests_by_their_state(session: Session, desk: Desk, index: str) -> None:
    with scopes.company(session, desk.company.id):
        plan = plan_of(session, lambda: READ[index](session))
    assert index in plan
    assert "posting" not in plan


@ON_ONE
def test_home_finds_a_no_by_when_it_was_said_and_a_stuck_request_by_its_state(session: Session, desk: Desk) -> None:
    with scopes.company(session, desk.company.id):
        answers = plan_of(session, lambda: lists.to_be_answered(session))
        stuck = plan_of(session, lambda: lists.without_times(session))
    assert "ix_introductions_company_answered (company_id=? AND answered_at>?)" in answers
    assert "ix_introduction_requests_company_state (company_id=? AND state=?)" in stuck
    assert "posting" not in answers + stuck


@ON_ONE
def test_the_referrals_that_count_are_read_off_the_last_number_and_the_voided_ones(
    session: Session, desk: Desk
) -> None:
    with scopes.company(session, desk.company.id), said(db.engine) as statements:
        assert credits.valid_referrals(session) == 10
    session.commit()
    plan = "\n".join(explained(db.engine, statements))
    assert "SEARCH referrals USING INDEX ix_referrals_company_voided (company_id=?)" in plan
    assert "SCAN referrals" not in plan


@ON_ONE
def test_an_agency_reads_what_waits_for_it(session: Session, desk: Desk) -> None:
    with scopes.partner(session, desk.partner.id):
        plan = plan_of(session, lambda: for_partners.turns(session))
    assert "ix_introduction_requests_partner_waiting (partner_id=? AND state=?)" in plan


@ON_ONE
def test_both_sides_read_the_year_of_the_two_alone(session: Session, desk: Desk) -> None:
    company_id, partner_id = desk.company.id, desk.partner.id
    for act in (
        lambda: honouring.agencies(session, company_id),
        lambda: honouring.years_with(session, partner_id, [company_id]),
    ):
        assert "ix_introduction_requests_pair (company_id=? AND partner_id=?" in plan_of(session, act)
