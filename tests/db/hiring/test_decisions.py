"""Deciding applications: which day, until when the person is kept, and what can be taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.retention import after_decision
from relay.hiring import decisions
from relay.models import (
    Application,
    ApplicationResult,
    Event,
    MailClass,
    Message,
    MessageState,
    NotifiedBy,
    RejectionReason,
    RetentionBasis,
    scopes,
)
from relay.trust.terms import RetentionTerms
from tests.cast import Cast, make_application, make_candidate, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def application(session: Session, cast: Cast) -> Application:
    return make_application(session, make_candidate(session, cast.acme))


def reject(session: Session, application: Application, reason: RejectionReason = RejectionReason.SKILLS) -> bool:
    with scopes.company(session, application.company_id):
        return decisions.reject(session, application, reason=reason, by_user_id=1)


def test_rejecting_names_the_day_the_reason_and_who(session: Session, application: Application) -> None:
    assert reject(session, application) is True
    assert (application.status, application.reason) == (ApplicationResult.REJECTED, RejectionReason.SKILLS)
    assert (application.decided_on, application.decided_by_user_id) == (clock.today(), 1)
    assert application.decided_in_relay
    assert application.notified_at is None
    assert [event.tag for event in session.scalars(select(Event).order_by(Event.id))] == ["application:rejected"]


@pytest.mark.parametrize("basis", list(RetentionBasis))
def test_the_last_day_follows_the_decision_once_no_selection_runs(
    session: Session, cast: Cast, basis: RetentionBasis
) -> None:
    candidate = make_candidate(session, cast.acme, basis=basis)
    first, second = make_application(session, candidate), make_application(session, candidate)
    reject(session, first)
    assert candidate.retain_until is None
    reject(session, second)
    assert candidate.retain_until == after_decision(RetentionTerms(), basis, clock.today())


def test_a_day_that_reaches_further_stays(session: Session, cast: Cast) -> None:
    far = clock.today() + timedelta(days=700)
    candidate = make_candidate(session, cast.acme, retain_until=far)
    reject(session, make_application(session, candidate))
    assert candidate.retain_until == far


def test_a_rejection_from_a_file_keeps_its_day_and_takes_a_missing_reason(session: Session, cast: Cast) -> None:
    day = date(2026, 4, 1)
    application = make_application(
        session, make_candidate(session, cast.acme), status=ApplicationResult.REJECTED, decided_on=day
    )
    assert reject(session, application, RejectionReason.FILLED) is False
    assert reject(session, application, RejectionReason.OTHER) is False
    assert (application.decided_on, application.reason) == (day, RejectionReason.FILLED)


@pytest.mark.parametrize("end", [ApplicationResult.WITHDREW, ApplicationResult.HIRED, ApplicationResult.DUPLICATE])
def test_another_end_is_not_turned_into_a_rejection(session: Session, cast: Cast, end: ApplicationResult) -> None:
    application = make_application(session, make_candidate(session, cast.acme), status=end, decided_on=clock.today())
    with pytest.raises(decisions.AlreadyEnded):
        reject(session, application)


def test_taking_back_lets_the_selection_run_on(session: Session, application: Application) -> None:
    reject(session, application)
    with scopes.company(session, application.company_id):
        decisions.reopen(session, application)
    assert (application.status, application.decided_on, application.reason) == (ApplicationResult.OPEN, None, None)
    assert not application.decided_in_relay
    assert [event.tag for event in session.scalars(select(Event).order_by(Event.id))] == [
        "application:rejected",
        "application:reopened",
    ]


def test_what_a_file_decided_or_the_person_knows_is_not_taken_back(session: Session, cast: Cast) -> None:
    candidate = make_candidate(session, cast.acme)
    from_file = make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())
    told = make_application(session, candidate)
    with scopes.company(session, cast.acme.id):
        decisions.note_notified_elsewhere(session, [told], by_user_id=1, reason=RejectionReason.OTHER)
        with pytest.raises(decisions.NotDecidedHere):
            decisions.reopen(session, from_file)
        with pytest.raises(decisions.ResultNotified):
            decisions.reopen(session, told)


def test_told_elsewhere_decides_open_ones_and_passes_over_who_knows(session: Session, cast: Cast) -> None:
    candidate = make_candidate(session, cast.acme)
    running = make_application(session, candidate)
    rejected = make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())
    with scopes.company(session, cast.acme.id):
        with pytest.raises(decisions.RejectionReasonMissing):
            decisions.note_notified_elsewhere(session, [running], by_user_id=1)
        noted = decisions.note_notified_elsewhere(
            session, [running, rejected], by_user_id=1, reason=RejectionReason.FILLED
        )
        assert noted == [running.id, rejected.id]
        assert decisions.note_notified_elsewhere(session, [running, rejected], by_user_id=1) == []
    assert {running.notified_by, rejected.notified_by} == {NotifiedBy.ELSEWHERE}
    assert running.status is ApplicationResult.REJECTED


def test_a_waiting_mail_must_be_stopped_first(session: Session, application: Application) -> None:
    reject(session, application)
    with scopes.company(session, application.company_id):
        _waiting_mail(session, application)
        with pytest.raises(decisions.ResultWaiting):
            decisions.reopen(session, application)
        with pytest.raises(decisions.ResultWaiting):
            decisions.note_notified_elsewhere(session, [application], by_user_id=1)


def _waiting_mail(session: Session, application: Application) -> None:
    session.add(
        Message(
            company_id=application.company_id,
            letter="result",
            once_per_subject=True,
            mail_class=MailClass.RELAY,
            subject_kind="application",
            subject_id=application.id,
            candidate_id=application.candidate_id,
            to_address="hanako@mail.example",
            state=MessageState.SCHEDULED,
            due_at=clock.now(),
            created_at=clock.now(),
            message_id="<1@test>",
        )
    )
    session.flush()
