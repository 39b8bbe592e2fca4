"""Counts of cases: of this moment or kept by the worker the same; of the erased what goes on; by company."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.kpis import case_lists, month_counts
from relay.kpis.case_lists import CaseFilter
from relay.kpis.month_counts import Count, Counts
from relay.models import ApplicationResult, ApplicationStep, CaseKind, RejectionReason, scopes
from relay.models.candidate_fields import Reapply
from relay.rights import erasure
from tests.bench import plans
from tests.cast import Cast, make_application, make_candidate, make_cast
from tests.statements import said

YEAR = date(2025, 11, 1), date(2026, 10, 1)
EVERY = tuple(CaseKind)


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def counts(session: Session, company_id: int, *kinds: CaseKind) -> Counts:
    with scopes.company(session, company_id):
        return month_counts.of(session, kinds, *YEAR)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> int:
    """Rejected in March for her skills, hired in September; somebody at another company is rejected, too."""
    person = make_candidate(session, cast.acme, "見本 花子")
    make_application(
        session,
        person,
        applied_on=date(2026, 3, 1),
        decided_on=date(2026, 3, 31),
        status=ApplicationResult.REJECTED,
        reason=RejectionReason.SKILLS,
        channel="Indeed",
    )
    make_application(
        session,
        person,
        applied_on=date(2026, 8, 20),
        decided_on=date(2026, 9, 1),
        status=ApplicationResult.HIRED,
        channel="自社サイト",
    )
    theirs = make_candidate(session, cast.other, "よその 太郎")
    make_application(
        session,
        theirs,
        applied_on=date(2026, 3, 1),
        decided_on=date(2026, 3, 2),
        status=ApplicationResult.REJECTED,
        reason=RejectionReason.FILLED,
    )
    session.commit()
    return person.id


def test_a_case_counts_in_its_month_by_its_key(session: Session, cast: Cast, hanako: int) -> None:
    found = counts(session, cast.acme.id, *EVERY)
    assert found.at is None
    assert found.by_month(CaseKind.APPLIED) == {date(2026, 3, 1): Count(1), date(2026, 8, 1): Count(1)}
    assert found.by_key(CaseKind.HIRED) == {"自社サイト": Count(1)}
    assert found.by_key(CaseKind.REJECTED) == {"skills": Count(1)}
    once = (CaseKind.REAPPLIED, CaseKind.HIRED_AGAIN, CaseKind.REJECTED_RETURNED, CaseKind.REJECTED_REUSED)
    assert [found.total(kind) for kind in once] == [Count(1)] * 4


def test_months_outside_are_left_out(session: Session, cast: Cast, hanako: int) -> None:
    with scopes.company(session, cast.acme.id):
        found = month_counts.of(session, [CaseKind.APPLIED], date(2026, 4, 1), date(2026, 8, 1))
    assert found.by_month(CaseKind.APPLIED) == {date(2026, 8, 1): Count(1)}


def test_the_worker_keeps_what_a_page_would_count(
    session: Session, cast: Cast, hanako: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_page = counts(session, cast.acme.id, *EVERY)
    monkeypatch.setattr(month_counts, "COUNTED_BY_PAGE", 1)
    monkeypatch.setattr(month_counts, "_is_small", lambda _session: False)
    assert counts(session, cast.acme.id, *EVERY).awaited
    for _twice in range(2):
        month_counts.recount(session, cast.acme.id)
        session.commit()
        kept = counts(session, cast.acme.id, *EVERY)
        assert (kept.cells, kept.awaited) == (by_page.cells, False)
        assert kept.at is not None


def test_what_was_counted_and_is_no_more_goes_with_the_next_recount(
    session: Session, cast: Cast, hanako: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    month_counts.recount(session, cast.acme.id)
    with scopes.company(session, cast.acme.id):
        erasure.erase_candidates(session, cast.acme.id, [hanako])
    month_counts.recount(session, cast.acme.id)
    session.commit()
    monkeypatch.setattr(month_counts, "_is_small", lambda _session: False)
    found = counts(session, cast.acme.id, *EVERY)
    assert {found.total(kind).living for kind in EVERY} == {0}
    assert found.total(CaseKind.HIRED) == Count(0, 1)


def test_of_an_erased_person_the_case_goes_on_counting_and_nothing_else_is_left(
    session: Session, cast: Cast, hanako: int
) -> None:
    before = counts(session, cast.acme.id, *EVERY)
    with scopes.company(session, cast.acme.id):
        erasure.erase_candidates(session, cast.acme.id, [hanako])
    session.commit()
    after = counts(session, cast.acme.id, *EVERY)
    of_the_past = [kind for kind in EVERY if month_counts.CASES[kind].kept]
    assert [after.total(kind).all for kind in of_the_past] == [before.total(kind).all for kind in of_the_past]
    assert {after.total(kind).living for kind in EVERY} == {0}
    assert after.total(CaseKind.POOLED).all == 0
    assert rows(session, cast.acme.id, CaseKind.HIRED) == []


def test_who_stands_behind_a_number_is_as_many(session: Session, cast: Cast, hanako: int) -> None:
    for kind in EVERY:
        assert len(rows(session, cast.acme.id, kind)) == counts(session, cast.acme.id, kind).total(kind).living, kind
    (row,) = rows(session, cast.acme.id, CaseKind.HIRED, key="自社サイト")
    assert (row.name, row.day, row.status) == ("見本 花子", date(2026, 9, 1), ApplicationResult.HIRED)
    assert rows(session, cast.acme.id, CaseKind.HIRED, key="Indeed") == []


def test_two_applications_of_one_day_are_no_return_from_each_other(session: Session, cast: Cast) -> None:
    person, day = make_candidate(session, cast.acme), date(2026, 3, 1)
    for _position in range(2):
        make_application(session, person, applied_on=day, decided_on=day, status=ApplicationResult.REJECTED)
    session.commit()
    found = counts(session, cast.acme.id, *EVERY)
    assert found.total(CaseKind.REJECTED).living == 2
    for kind in (CaseKind.REAPPLIED, CaseKind.REJECTED_RETURNED, CaseKind.REJECTED_REUSED):
        assert found.total(kind) == Count(), kind


def test_a_first_day_at_work_ends_no_step(session: Session, cast: Cast) -> None:
    for status, days in ((ApplicationResult.HIRED, {}), (ApplicationResult.WITHDREW, {61: Count(1)})):
        person = make_candidate(session, cast.acme)
        ended = make_application(
            session, person, applied_on=date(2026, 7, 1), decided_on=date(2026, 10, 1), status=status
        )
        with scopes.company(session, cast.acme.id):
            moment = clock.now()
            session.add(
                ApplicationStep(
                    candidate_id=person.id,
                    application_id=ended.id,
                    place=1,
                    name="最終面接",
                    on=date(2026, 8, 1),
                    created_at=moment,
                    updated_at=moment,
                )
            )
        session.commit()
        assert counts(session, cast.acme.id, CaseKind.STEP).by_number(CaseKind.STEP) == days


def test_who_works_here_or_is_in_a_selection_might_not_return(session: Session, cast: Cast) -> None:
    for status in (ApplicationResult.OPEN, ApplicationResult.HIRED, ApplicationResult.REJECTED):
        person = make_candidate(
            session, cast.acme, reapply=Reapply.YES, created_at=clock.start_of_day(date(2026, 9, 1))
        )
        decided = None if status is ApplicationResult.OPEN else date(2026, 9, 1)
        make_application(session, person, applied_on=date(2026, 8, 1), decided_on=decided, status=status)
    session.commit()
    found = counts(session, cast.acme.id, CaseKind.POOLED, CaseKind.OPEN_TO_RETURN)
    assert [found.total(kind).living for kind in (CaseKind.POOLED, CaseKind.OPEN_TO_RETURN)] == [3, 1]


def rows(session: Session, company_id: int, kind: CaseKind, *, key: str | None = None) -> list[case_lists.CaseRow]:
    with scopes.company(session, company_id), clock.at(clock.now()):
        return list(case_lists.page(session, kind, CaseFilter(*YEAR, key=key)).rows)


def test_a_case_that_asks_for_others_of_the_same_person_finds_them_by_the_person(session: Session, cast: Cast) -> None:
    """By the days of applications SQLite would walk half a company for each rejection: hours, at a million."""
    asking = (CaseKind.REAPPLIED, CaseKind.HIRED_AGAIN, CaseKind.REJECTED_RETURNED, CaseKind.REJECTED_REUSED)
    for kind in asking:
        with scopes.company(session, cast.acme.id), said(db.engine) as statements:
            session.execute(month_counts._grouped(month_counts.CASES[kind].select.subquery())).all()
        session.rollback()
        (plan,) = plans.explained(db.engine, statements, small=False)
        assert "Seq Scan on applications applications_1" not in plan, plan
        if db.engine.dialect.name == "sqlite":
            assert "SEARCH applications_1 USING INDEX ix_applications_company_candidate " in plan, plan
