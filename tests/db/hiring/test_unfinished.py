"""A selection without a result ends like one with: HR is told for 30 days, and a step or a result saves the person."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.hiring import decisions, progress, unfinished
from relay.hiring.progress import Progress, ProgressEntry
from relay.hiring.unfinished import WARNING
from relay.intake import by_hand
from relay.models import (
    Application,
    ApplicationStep,
    Candidate,
    Company,
    Job,
    JournalEntry,
    OpeningsConsent,
    RejectionReason,
    RetentionBasis,
    StepKind,
    scopes,
)
from relay.rights import jobs as rights_jobs
from relay.rights import record_ends, retention, term_changes
from relay.trust.terms import MONTHS, NOTICE
from tests.cast import Cast, make_application, make_candidate, make_cast
from tests.db.intake.bringing import bring, herp

DAY = timedelta(days=1)
TODAY = clock.today()
CONSENTED = RetentionBasis.CONSENTED


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def applied(session: Session, company: Company, on: date | None, basis: RetentionBasis = RetentionBasis.STATED) -> int:
    """Somebody who applied that day, and nothing since."""
    made = make_application(session, make_candidate(session, company, basis=basis), applied_on=on)
    session.commit()
    return made.candidate_id


def silent(session: Session, company: Company) -> int:
    """Somebody whom nobody has thought of for a year, and who has their day since today."""
    person = applied(session, company, TODAY - timedelta(days=365))
    assert day_of(session, person) is None
    run(session)
    assert day_of(session, person) == TODAY + WARNING
    return person


def run(session: Session, days: int = 0) -> None:
    """The daily job, so many days from today."""
    with clock.at(clock.now() + days * DAY):
        rights_jobs.retain(session, Job())
        session.commit()


def day_of(session: Session, person: int) -> date | None:
    session.rollback()
    with scopes.everyone(session, "test"):
        return session.scalars(select(Candidate.retain_until).where(Candidate.id == person)).one()


def is_there(session: Session, person: int) -> bool:
    with scopes.everyone(session, "test"):
        return session.scalar(select(Candidate.id).where(Candidate.id == person)) is not None


def application_of(session: Session, person: int) -> Application:
    return session.scalars(select(Application).where(Application.candidate_id == person)).one()


@pytest.mark.parametrize("basis", list(RetentionBasis))
def test_the_day_is_set_thirty_days_before_the_months_are_over(
    session: Session, cast: Cast, basis: RetentionBasis
) -> None:
    due = TODAY + WARNING
    person = applied(session, cast.acme, due - relativedelta(months=MONTHS[basis]), basis)
    later = applied(session, cast.acme, due - relativedelta(months=MONTHS[basis]) + 4 * DAY, basis)
    run(session)
    assert (day_of(session, person), day_of(session, later)) == (due, None)
    run(session, 30)
    assert (day_of(session, person), is_there(session, later)) == (due, True)
    run(session, 31)
    assert (is_there(session, person), is_there(session, later)) == (False, True)


def test_hr_is_told_for_thirty_days_however_long_ago_it_was(session: Session, cast: Cast) -> None:
    person = silent(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        coming = retention.next_run(session)
    assert (coming.count, coming.unfinished, coming.page.rows[0].is_unfinished) == (1, 1, True)
    run(session, 30)
    assert is_there(session, person)
    run(session, 31)
    assert not is_there(session, person)


def test_without_any_day_it_counts_from_when_it_was_entered(session: Session, cast: Cast) -> None:
    person = applied(session, cast.acme, None)
    run(session, 120)
    assert day_of(session, person) is None
    run(session, 184)
    assert day_of(session, person) == TODAY + timedelta(days=184) + WARNING


def a_step(session: Session, company: Company, person: int) -> None:
    enter(session, person, ProgressEntry(Progress.STEP, TODAY, StepKind.SECOND))


def a_result(session: Session, company: Company, person: int) -> None:
    enter(session, person, ProgressEntry(Progress.WITHDREW, TODAY))


def a_rejection(session: Session, company: Company, person: int) -> None:
    decisions.reject(session, application_of(session, person), reason=RejectionReason.SKILLS, by_user_id=None)


def another_application(session: Session, company: Company, person: int) -> None:
    candidate = session.get_one(Candidate, person)
    arrival = by_hand.CandidateOrigin(basis=candidate.basis, applied_on=TODAY, channel="", position="")
    by_hand.apply_again(session, candidate, {}, arrival)


@pytest.mark.parametrize("act", [a_step, a_result, a_rejection, another_application])
def test_a_step_or_a_result_saves_the_person(
    session: Session, cast: Cast, act: Callable[[Session, Company, int], None]
) -> None:
    person = silent(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        act(session, cast.acme, person)
        session.commit()
    for days in (0, 30, 60, 120):
        run(session, days)
    assert is_there(session, person)
    after = day_of(session, person)
    assert after is None or after > TODAY + timedelta(days=150)


def enter(session: Session, person: int, entry: ProgressEntry) -> JournalEntry:
    application = application_of(session, person)
    seen = progress.version(session, application)
    made = progress.enter(session, application.id, entry, seen=seen, by_user_id=None)
    assert made
    return made


def test_a_step_of_long_ago_gives_thirty_days_anew(session: Session, cast: Cast) -> None:
    person = silent(session, cast.acme)
    with clock.at(clock.now() + 20 * DAY), scopes.company(session, cast.acme.id):
        enter(session, person, ProgressEntry(Progress.STEP, TODAY - timedelta(days=300), StepKind.FIRST))
        session.commit()
    run(session, 21)
    assert day_of(session, person) == TODAY + 21 * DAY + WARNING


def row(stage: str, **more: str) -> bytes:
    return herp({
        "応募ID": "A1", "応募時刻": "2025-01-10", "名前": "佐藤 健", "メールアドレス": "ken@mail.example",
        "選考ステップ": stage, **more,
    })  # fmt: skip


def test_a_file_that_tells_of_another_stage_gives_thirty_days_anew(session: Session, cast: Cast) -> None:
    bring(session, cast.acme, row("書類選考"))
    run(session)
    with scopes.company(session, cast.acme.id):
        [person] = session.scalars(select(Candidate.id))
    bring(session, cast.acme, row("書類選考", メモ="電話した"))
    assert day_of(session, person) == TODAY + WARNING, "a memo is no step"
    bring(session, cast.acme, row("一次面接"))
    assert day_of(session, person) is None
    run(session, 1)
    assert day_of(session, person) == TODAY + DAY + WARNING


def test_the_calendar_does_not_keep_an_import_from_being_taken_back(session: Session, cast: Cast) -> None:
    report = bring(session, cast.acme, row("書類選考"))
    run(session)
    with scopes.company(session, cast.acme.id):
        [person] = session.scalars(select(Candidate.id))
        entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
        assert report and entry
        assert day_of(session, person) == TODAY + WARNING
        undo.undo(session, cast.acme.id, entry.id, by_user_id=None)
    assert not is_there(session, person)


def test_who_comes_back_to_the_list_by_an_undo_is_told_of_for_thirty_days_anew(session: Session, cast: Cast) -> None:
    person = silent(session, cast.acme)
    with clock.at(clock.now() + 30 * DAY), scopes.company(session, cast.acme.id):
        made = enter(session, person, ProgressEntry(Progress.WITHDREW, TODAY))
        undo.undo(session, cast.acme.id, made.id, by_user_id=None)
        session.commit()
    assert day_of(session, person) is None
    run(session, 31)
    assert day_of(session, person) == TODAY + 31 * DAY + WARNING


def test_a_step_that_came_while_the_job_ran_takes_the_day_away_the_next_time(session: Session, cast: Cast) -> None:
    person = silent(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        application = application_of(session, person)
        session.add(
            ApplicationStep(
                candidate_id=person, application_id=application.id, place=1, name="一次", on=TODAY,
                created_at=clock.now(), updated_at=clock.now(),
            )
        )  # fmt: skip
    session.commit()
    run(session, 31)
    assert is_there(session, person)
    assert day_of(session, person) is None


def test_a_consent_counts_from_its_day(session: Session, cast: Cast) -> None:
    person = applied(session, cast.acme, TODAY - timedelta(days=360), CONSENTED)
    agreed = clock.now() - timedelta(days=100)
    with scopes.company(session, cast.acme.id):
        consent(session, person, agreed)
        session.commit()
    run(session)
    assert day_of(session, person) is None
    run(session, 340)
    assert day_of(session, person) == TODAY + 340 * DAY + WARNING


def consent(session: Session, person: int, at: datetime) -> None:
    session.add(
        OpeningsConsent(
            candidate_id=person, basis_before=RetentionBasis.STATED, wording_version="1", wording="はい",
            wording_hash="0" * 64, locale="ja", given_at=at,
        )
    )  # fmt: skip


def test_a_shorter_term_erases_nobody_within_sixty_days(session: Session, cast: Cast) -> None:
    person, standing = applied(session, cast.acme, TODAY - timedelta(days=100)), silent(session, cast.acme)
    shorter = {RetentionBasis.STATED: 2}
    assert term_changes.effect(session, cast.acme.id, shorter).moved == 0
    term_changes.change(session, cast.acme.id, shorter, by_user_id=None)
    session.commit()
    run(session, 30)
    assert (day_of(session, person), day_of(session, standing)) == (None, TODAY + WARNING)
    run(session, 31)
    last = TODAY + 31 * DAY + WARNING
    assert day_of(session, person) == last > TODAY + NOTICE


def test_nobody_in_a_selection_is_asked_whether_they_want_to_be_kept(session: Session, cast: Cast) -> None:
    person = applied(session, cast.acme, TODAY - timedelta(days=700), CONSENTED)
    run(session)
    assert day_of(session, person) == TODAY + WARNING
    assert record_ends.recipients(session, cast.acme.id) == []
    with clock.at(clock.now() + 20 * DAY):
        assert list(record_ends.write_to(session, cast.acme.id)) == []


def test_many_people_are_dated_part_by_part(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "CHUNK_SIZE", 2)
    people = [applied(session, company, TODAY - timedelta(days=365)) for company in (cast.acme, cast.other) * 3]
    assert list(retention.date_unfinished(session)) == [2, 1, 0, 2, 1, 0]
    session.commit()
    assert {day_of(session, person) for person in people} == {TODAY + WARNING}
    assert list(retention.date_unfinished(session)) == [2, 1, 0, 2, 1, 0], "and again without harm"
    session.commit()
    assert {day_of(session, person) for person in people} == {TODAY + WARNING}
