"""Everyone leaves on their date, and nobody whose selection runs (A-24, A-25)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.candidates.retention import after_decision, last_day, last_known, open_ended, with_grace
from relay.extensions import db
from relay.infra import jobs
from relay.models import (
    ApplicationResult,
    Candidate,
    Company,
    Event,
    EventTag,
    HoldReason,
    Job,
    JobState,
    RetentionBasis,
    scopes,
)
from relay.rights import jobs as rights_jobs
from relay.rights import retention
from relay.trust.terms import RetentionTerms
from tests.bench import plans
from tests.cast import Cast, make_application, make_candidate, make_cast
from tests.statements import said


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def leaving(session: Session, company: Company, in_days: int, name: str = "高橋 花子") -> Candidate:
    day = clock.today() + timedelta(days=in_days)
    return make_candidate(session, company, name, retain_until=day)


def names(session: Session, company: Company) -> set[str]:
    with scopes.company(session, company.id):
        return set(session.scalars(select(Candidate.name)))


@pytest.mark.parametrize(
    ("basis", "decided", "expected"),
    [
        (RetentionBasis.SELECTION, date(2026, 8, 31), date(2027, 2, 28)),
        (RetentionBasis.STATED, date(2026, 1, 15), date(2026, 7, 15)),
        (RetentionBasis.CONSENTED, date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_months_are_calendar_months(basis: RetentionBasis, decided: date, expected: date) -> None:
    assert after_decision(RetentionTerms(), basis, decided) == expected


def test_the_latest_decision_counts_and_an_open_application_has_no_date() -> None:
    ends = [(ApplicationResult.REJECTED, date(2026, 1, 1)), (ApplicationResult.WITHDREW, date(2026, 3, 1))]
    assert last_day(RetentionTerms(), RetentionBasis.STATED, ends) == date(2026, 9, 1)
    assert last_day(RetentionTerms(), RetentionBasis.STATED, [*ends, (ApplicationResult.OPEN, None)]) is None
    assert open_ended([ApplicationResult.REJECTED, ApplicationResult.OPEN])


@pytest.mark.parametrize(
    ("decided_on", "stepped_on", "applied_on", "expected"),
    [
        (date(2026, 5, 1), date(2026, 6, 1), date(2026, 1, 1), date(2026, 5, 1)),
        (None, date(2026, 6, 1), date(2026, 1, 1), date(2026, 6, 1)),
        (None, None, date(2026, 1, 1), date(2026, 1, 1)),
        (None, None, None, date(2026, 2, 2)),
    ],
)
def test_a_result_counts_before_a_step_and_a_step_before_the_application(
    decided_on: date | None, stepped_on: date | None, applied_on: date | None, expected: date
) -> None:
    entered_at = datetime(2026, 2, 1, 16, tzinfo=UTC)  # the second already, in Japan
    assert last_known(decided_on, stepped_on, applied_on, entered_at) == expected


def test_a_correction_never_makes_anyone_leave_overnight() -> None:
    with clock.at(datetime(2026, 11, 21, 3, tzinfo=UTC)):
        assert with_grace(date(2026, 1, 1), None) == date(2026, 12, 21)
        assert with_grace(date(2026, 1, 1), date(2026, 11, 25)) == date(2026, 11, 25)
        assert with_grace(date(2027, 1, 1), date(2026, 11, 25)) == date(2027, 1, 1)


def test_whoever_is_past_their_last_day_leaves_and_the_others_stay(session: Session, cast: Cast) -> None:
    leaving(session, cast.acme, -1, "昨日まで")
    leaving(session, cast.acme, 0, "今日まで")
    make_candidate(session, cast.acme, "期限なし")
    leaving(session, cast.other, -30, "よその方")
    report = retention.run(session)
    session.commit()
    assert [(left.company_id, left.count, left.remaining) for left in report] == [
        (cast.acme.id, 1, 0),
        (cast.other.id, 1, 0),
    ]
    assert names(session, cast.acme) == {"今日まで", "期限なし"}
    assert names(session, cast.other) == set()


def test_a_running_selection_keeps_a_person(session: Session, cast: Cast) -> None:
    """A day that is left over from before a step ends nobody: the job looks at it first."""
    make_application(session, leaving(session, cast.acme, -10))
    rights_jobs.retain(session, Job())
    assert names(session, cast.acme) == {"高橋 花子"}


def test_a_dry_run_erases_nobody(session: Session, cast: Cast) -> None:
    leaving(session, cast.acme, -1)
    with scopes.company(session, cast.acme.id):
        [number] = session.scalars(select(Candidate.id))
    assert retention.due(session) == [retention.Due(cast.acme.id, {RetentionBasis.STATED: 1}, [number], 0)]
    assert names(session, cast.acme) == {"高橋 花子"}


def test_a_second_run_finds_nobody(session: Session, cast: Cast) -> None:
    leaving(session, cast.acme, -1)
    retention.run(session)
    session.commit()
    assert retention.run(session) == []
    ran = select(Event.data).where(Event.tag == EventTag.RETENTION_RAN.value)
    assert session.scalars(ran).all() == [{"count": 1}]


def test_the_job_goes_on_until_everyone_has_left(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK_SIZE", 2)
    for _number in range(5):
        leaving(session, cast.acme, -1)
    jobs.enqueue(session, "retention", key="retention:today")
    session.commit()
    assert jobs.run_one(session, clock.now())
    assert names(session, cast.acme) == set()
    assert session.scalars(select(Job.state)).all() == [JobState.DONE]


def test_several_erasures_ask_for_one_scrub(session: Session, cast: Cast) -> None:
    for company in (cast.acme, cast.other):
        leaving(session, company, -1)
    rights_jobs.retain(session, Job())
    while jobs.deliver_event(session, clock.now()):
        pass
    assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == "scrub")) == 1


def test_the_next_run_names_who_leaves_soonest_first(session: Session, cast: Cast) -> None:
    leaving(session, cast.acme, 20, "二番目")
    leaving(session, cast.acme, 3, "一番目")
    leaving(session, cast.acme, 31, "まだ先")
    make_application(session, leaving(session, cast.acme, 5, "選考中"))
    held = make_application(session, leaving(session, cast.acme, 4, "保留と選考中"))
    leaving(session, cast.other, 3, "よその方")
    with scopes.company(session, cast.acme.id):
        person = session.get_one(Candidate, held.candidate_id)
        holds.set_hold(session, person, HoldReason.LAW, clock.today(), owner_user_id=cast.ada.id)
        coming = retention.next_run(session)
        shorter = retention.next_run(session, limit=1)
    found = [(one.name, one.is_unfinished) for one in coming.page.rows]
    assert found == [("一番目", False), ("選考中", True), ("二番目", False)]
    assert (coming.count, coming.unfinished) == (3, 1)
    assert (shorter.count, [one.name for one in shorter.page.rows]) == (3, ["一番目"])


def test_they_are_counted_as_far_as_a_page_says_and_along_their_indexes(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "COUNT_CAP", 2)
    for number in range(4):
        person = leaving(session, cast.acme, number, f"候補{number}")
        for _each in range(2):
            make_application(session, person)
    session.execute(text("ANALYZE"))
    with scopes.company(session, cast.acme.id), said(db.engine) as statements:
        coming = retention.next_run(session)
    assert (coming.count, coming.unfinished) == (3, 3), "one more than is said, each person once"
    session.commit()
    counted = [each for each in statements if "count" in each[0]]
    (plan,) = plans.explained(db.engine, counted, small=False)
    assert plans.walked([plan]) == ()
    if db.engine.dialect.name == "sqlite":
        assert "ix_candidates_company_retain" in plan and "ix_listed_applications_dated" in plan
