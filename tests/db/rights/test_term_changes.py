"""A company changes its months: a shorter term moves people, said before; a longer one keeps nobody longer (A-24)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring.decisions import renew_dates
from relay.infra import jobs
from relay.models import (
    ApplicationResult,
    Candidate,
    Company,
    Event,
    EventTag,
    RetentionBasis,
    RetentionTerm,
    scopes,
)
from relay.rights import term_changes
from relay.rights.term_changes import TermEffect
from relay.trust import terms
from relay.trust.terms import MONTHS, NOTICE, TermRefused
from tests.cast import Cast, make_application, make_candidate, make_cast

DAY = timedelta(days=1)
STATED, CONSENTED = RetentionBasis.STATED, RetentionBasis.CONSENTED


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def decided(session: Session, company: Company, days_ago: int, basis: RetentionBasis = STATED) -> Candidate:
    """A person who was rejected so many days ago, with the day that was told them."""
    candidate = make_candidate(session, company, basis=basis)
    make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today() - days_ago * DAY)
    with scopes.company(session, company.id):
        renew_dates(session, [candidate.id])
    session.commit()
    return candidate


def change(session: Session, company: Company, **months: int) -> TermEffect:
    """Set these months and let the worker do the rest; gives what was said before."""
    wanted = MONTHS | {RetentionBasis(name): number for name, number in months.items()}
    said = term_changes.effect(session, company.id, wanted)
    term_changes.change(session, company.id, wanted, by_user_id=None)
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass
    return said


def days(session: Session, *people: Candidate) -> list[date | None]:
    session.rollback()
    with scopes.everyone(session, "test"):
        found = dict(session.execute(select(Candidate.id, Candidate.retain_until)).all())
    return [found[each.id] for each in people]


def test_a_shorter_term_moves_those_whose_result_is_known_and_says_how_many(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(term_changes, "CHUNK_SIZE", 2)
    fresh, older, oldest = (decided(session, cast.acme, ago) for ago in (0, 50, 150))
    consented = decided(session, cast.acme, 10, CONSENTED)
    elsewhere = decided(session, cast.other, 0)
    before = days(session, fresh, older, oldest, consented, elsewhere)
    assert change(session, cast.acme, stated=3) == TermEffect(moved=2, soon=1)
    after = days(session, fresh, older, oldest, consented, elsewhere)
    expected = terms.of_company(session, cast.acme.id).months(STATED, clock.today())
    assert expected == 3
    assert after[0] is not None
    assert 89 <= (after[0] - clock.today()).days <= 92
    assert after[1:] == [clock.today() + NOTICE, before[2], before[3], before[4]]


def test_a_longer_term_keeps_nobody_longer_and_holds_for_results_from_tomorrow(session: Session, cast: Cast) -> None:
    earlier = decided(session, cast.acme, 0)
    before = days(session, earlier)
    assert change(session, cast.acme, stated=12) == TermEffect()
    with scopes.company(session, cast.acme.id):
        renew_dates(session, [earlier.id])
    session.commit()
    assert days(session, earlier) == before
    with clock.at(clock.now() + DAY):
        later = decided(session, cast.acme, 0)
        [day] = days(session, later)
        assert day is not None
        assert 365 <= (day - clock.today()).days <= 366


def test_a_consent_keeps_the_months_it_was_given_for(session: Session, cast: Cast) -> None:
    change(session, cast.acme, consented=24)
    with clock.at(clock.now() + 2 * DAY):
        change(session, cast.acme, consented=4)
        given = clock.today() - DAY
        in_force = terms.of_company(session, cast.acme.id)
        assert [in_force.months(CONSENTED, day) for day in (given - 2 * DAY, given, given + 2 * DAY)] == [12, 24, 4]


def test_what_is_set_is_an_event_and_setting_the_same_is_nothing(session: Session, cast: Cast) -> None:
    change(session, cast.acme, stated=3)
    change(session, cast.acme, stated=3)
    kept = select(Event.data).where(Event.tag == EventTag.RETENTION_TERM_SET.value)
    assert session.scalars(kept).all() == [{"basis": "stated", "months": 3}]


@pytest.mark.parametrize(("basis", "months"), [(STATED, 13), (STATED, 1), (CONSENTED, 25), (CONSENTED, 0)])
def test_for_ever_cannot_be_chosen(session: Session, cast: Cast, basis: RetentionBasis, months: int) -> None:
    with pytest.raises(TermRefused):
        term_changes.change(session, cast.acme.id, {basis: months}, by_user_id=None)
    row = RetentionTerm(basis=basis, months=months, valid_from=clock.today(), created_at=clock.now())
    with scopes.company(session, cast.acme.id):
        session.add(row)
        with pytest.raises(IntegrityError):
            session.flush()
