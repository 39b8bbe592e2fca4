"""Results and steps recorded by hand: what follows from each, what refuses it, and that each can be taken back."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.bulk.undo import ChangedSince
from relay.candidates.retention import GRACE, after_decision
from relay.errors import DomainError
from relay.hiring import decisions, progress
from relay.hiring.progress import Progress, ProgressEntry
from relay.indexing import search_rows
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    Company,
    Event,
    JournalEntry,
    JournalImage,
    MailClass,
    Message,
    MessageState,
    NotifiedBy,
    RejectionReason,
    RetentionBasis,
    StepKind,
    scopes,
)
from relay.outreach import drafts, pending_results, templates
from relay.rights.erasure import erase_candidates
from relay.search import candidate_search
from relay.search.candidate_search import Query
from relay.trust.terms import RetentionTerms
from tests.cast import Cast, make_application, make_candidate, make_cast
from tests.db.bulk.test_undo import everything
from tests.db.intake.bringing import bring, herp

TODAY = clock.today()
WITHDREW = ProgressEntry(Progress.WITHDREW, TODAY)


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def acme(session: Session, cast: Cast) -> Iterator[Company]:
    """Acme, in whose scope the test runs."""
    with scopes.company(session, cast.acme.id):
        yield cast.acme


@pytest.fixture
def application(session: Session, acme: Company) -> Application:
    return applying(session, acme)


def applying(session: Session, company: Company, **values: Any) -> Application:
    """An application by somebody who is found by name."""
    candidate = make_candidate(session, company)
    made = make_application(session, candidate, **values)
    search_rows.index(session, [candidate.id])
    session.commit()
    return made


def enter(session: Session, application: Application, entry: ProgressEntry, seen: str = "") -> JournalEntry | None:
    seen = seen or progress.version(session, application)
    return progress.enter(session, application.id, entry, seen=seen, by_user_id=1)


def draft_for(session: Session, cast: Cast, *applications: Application) -> str:
    """Ada has begun to write results to them; returns the batch."""
    templates.install_defaults(session, cast.acme.id)
    ids = [each.id for each in applications]
    return drafts.start(session, cast.acme, ids, by_user_id=cast.ada.id).batch


@pytest.mark.parametrize("what", [Progress.WITHDREW, Progress.HIRED])
def test_an_end_names_its_day_and_who_and_the_last_day_follows(
    session: Session, application: Application, what: Progress
) -> None:
    day = TODAY - timedelta(days=20)
    enter(session, application, ProgressEntry(what, day))
    candidate = session.scalars(select(Candidate)).one()
    assert (application.status.value, application.decided_on, application.decided_by_user_id) == (what.value, day, 1)
    assert application.decided_in_relay
    assert candidate.retain_until == after_decision(RetentionTerms(), candidate.basis, day)
    event = session.scalars(select(Event).where(Event.tag == f"application:{what.value}")).one()
    assert event.data == {"candidate_id": candidate.id, "on": day.isoformat()}


def test_a_rejection_by_hand_needs_its_reason_and_waits_to_be_told(session: Session, application: Application) -> None:
    with pytest.raises(decisions.RejectionReasonMissing):
        enter(session, application, ProgressEntry(Progress.REJECTED, TODAY))
    enter(session, application, ProgressEntry(Progress.REJECTED, TODAY, reason=RejectionReason.FILLED))
    assert (application.status, application.reason) == (ApplicationResult.REJECTED, RejectionReason.FILLED)
    assert [row.application_id for row in pending_results.rows(session).rows] == [application.id]


@pytest.mark.parametrize("standing", [ApplicationResult.OPEN, ApplicationResult.REJECTED])
def test_a_withdrawal_takes_the_person_out_of_the_pending_and_out_of_every_draft(
    session: Session, cast: Cast, acme: Company, standing: ApplicationResult
) -> None:
    decided = None if standing is ApplicationResult.OPEN else TODAY
    application = applying(session, acme, status=standing, decided_on=decided)
    another = applying(session, acme, status=ApplicationResult.REJECTED, decided_on=TODAY)
    batch = draft_for(session, cast, application, another)
    enter(session, application, WITHDREW)
    assert [row.application_id for row in pending_results.rows(session).rows] == [another.id]
    draft = drafts.load(session, batch)
    assert draft is not None and [row.application_id for row in draft.rows] == [another.id]


def test_a_rejection_by_hand_leaves_what_was_begun_to_be_written(
    session: Session, cast: Cast, application: Application
) -> None:
    batch = draft_for(session, cast, application)
    enter(session, application, ProgressEntry(Progress.REJECTED, TODAY, reason=RejectionReason.FILLED))
    draft = drafts.load(session, batch)
    assert draft is not None and [row.reason for row in draft.sendable] == [RejectionReason.FILLED]


@pytest.mark.parametrize(
    ("kind", "own_word", "stage"), [(StepKind.SECOND, "", "二次"), (StepKind.OTHER, "工場見学", "工場見学")]
)
def test_a_step_has_a_kind_and_the_companys_word_and_is_found_by_it(
    session: Session, acme: Company, application: Application, kind: StepKind, own_word: str, stage: str
) -> None:
    enter(session, application, ProgressEntry(Progress.STEP, TODAY, kind, own_word))
    step = session.scalars(select(ApplicationStep)).one()
    assert (step.kind, step.name, step.on, step.place, step.imported) == (kind, stage, TODAY, 1, False)
    assert (application.stage, application.status) == (stage, ApplicationResult.OPEN)
    assert candidate_search.count(session, acme.id, Query(q=stage)) == 1


def test_steps_follow_one_another(session: Session, application: Application) -> None:
    for kind in (StepKind.DOCUMENTS, StepKind.FIRST):
        enter(session, application, ProgressEntry(Progress.STEP, TODAY, kind))
    assert session.scalars(select(ApplicationStep.name).order_by(ApplicationStep.place)).all() == ["書類", "一次"]
    assert application.stage == "一次"


def test_a_day_typed_long_after_erases_nobody_overnight(session: Session, acme: Company) -> None:
    application = applying(session, acme, applied_on=None)
    enter(session, application, ProgressEntry(Progress.WITHDREW, TODAY - timedelta(days=400)))
    assert session.scalars(select(Candidate.retain_until)).one() == TODAY + GRACE


@pytest.mark.parametrize(
    "entry",
    [
        ProgressEntry(Progress.WITHDREW, TODAY + timedelta(days=1)),
        ProgressEntry(Progress.STEP, TODAY + timedelta(days=1), StepKind.FIRST),
        ProgressEntry(Progress.HIRED, TODAY + timedelta(days=1_000)),
        ProgressEntry(Progress.WITHDREW, TODAY - timedelta(days=31)),
    ],
)
def test_a_day_on_which_it_cannot_have_been_is_refused(session: Session, acme: Company, entry: ProgressEntry) -> None:
    application = applying(session, acme, applied_on=TODAY - timedelta(days=30))
    with pytest.raises(progress.DayImpossible):
        enter(session, application, entry)


def test_the_day_of_a_hire_may_lie_ahead(session: Session, application: Application) -> None:
    enter(session, application, ProgressEntry(Progress.HIRED, TODAY + timedelta(days=120)))
    assert application.decided_on == TODAY + timedelta(days=120)


@pytest.mark.parametrize("state", [MessageState.SCHEDULED, MessageState.SENDING])
@pytest.mark.parametrize("what", list(Progress))
def test_nothing_is_recorded_while_a_result_mail_is_about_to_leave(
    session: Session, application: Application, state: MessageState, what: Progress
) -> None:
    session.add(_mail(application, state))
    entry = ProgressEntry(what, TODAY, StepKind.FIRST, reason=RejectionReason.SKILLS)
    with pytest.raises(decisions.ResultWaiting):
        enter(session, application, entry)
    assert application.status is ApplicationResult.OPEN


@pytest.mark.parametrize("what", list(Progress))
def test_who_knows_the_result_keeps_it(session: Session, acme: Company, what: Progress) -> None:
    told = {"notified_at": clock.now(), "notified_by": NotifiedBy.RELAY}
    application = applying(session, acme, status=ApplicationResult.REJECTED, decided_on=TODAY, **told)
    assert progress.recordable(application) == []
    with pytest.raises(decisions.ResultNotified):
        enter(session, application, ProgressEntry(what, TODAY, StepKind.FIRST, reason=RejectionReason.SKILLS))


@pytest.mark.parametrize("standing", list(ApplicationResult))
@pytest.mark.parametrize("what", list(Progress))
def test_what_a_form_offers_is_what_is_taken(
    session: Session, acme: Company, what: Progress, standing: ApplicationResult
) -> None:
    decided = None if standing is ApplicationResult.OPEN else date(2026, 11, 1)
    application = applying(session, acme, status=standing, decided_on=decided)
    offered = what in progress.recordable(application)
    entry = ProgressEntry(
        what,
        TODAY,
        StepKind.FIRST if what is Progress.STEP else None,
        reason=RejectionReason.SKILLS if what is Progress.REJECTED else None,
    )
    if offered:
        assert enter(session, application, entry) is not None
    else:
        with pytest.raises(progress.OtherResult):
            enter(session, application, entry)


def test_a_change_since_the_form_was_opened_is_not_overwritten(session: Session, application: Application) -> None:
    seen = progress.version(session, application)
    enter(session, application, ProgressEntry(Progress.HIRED, TODAY), seen)
    with pytest.raises(progress.ApplicationChangedMeanwhile):
        enter(session, application, WITHDREW, seen)
    assert application.status is ApplicationResult.HIRED


@pytest.mark.parametrize(
    "entry",
    [
        WITHDREW,
        ProgressEntry(Progress.REJECTED, TODAY, reason=RejectionReason.SKILLS),
        ProgressEntry(Progress.STEP, TODAY, StepKind.OTHER, "役員面談"),
    ],
)
def test_the_same_form_twice_records_once(session: Session, application: Application, entry: ProgressEntry) -> None:
    seen = progress.version(session, application)
    assert enter(session, application, entry, seen) is not None
    assert enter(session, application, entry, seen) is None
    assert session.scalar(select(func.count()).select_from(JournalEntry)) == 1
    assert len(session.scalars(select(ApplicationStep)).all()) == (entry.what is Progress.STEP)


@pytest.mark.parametrize("end", [Progress.WITHDREW, Progress.HIRED, Progress.REJECTED])
def test_a_later_file_moves_no_result_recorded_by_hand(session: Session, acme: Company, end: Progress) -> None:
    row = {"応募ID": "X1", "名前": "佐藤 健", "メールアドレス": "ken@mail.example", "募集職種": "経理"}
    bring(session, acme, herp(row | {"選考ステップ": "一次面接"}))
    application = session.scalars(select(Application)).one()
    reason = RejectionReason.SKILLS if end is Progress.REJECTED else None
    enter(session, application, ProgressEntry(end, TODAY, reason=reason))
    session.commit()
    words = {Progress.REJECTED: "辞退"}.get(end, "不採用")
    bring(session, acme, herp(row | {"選考ステップ": "最終面接", "選考終了理由": words}))
    session.refresh(application)
    assert (application.status.value, application.decided_on, application.reason) == (end.value, TODAY, reason)


def test_a_later_file_leaves_the_step_recorded_by_hand(session: Session, acme: Company) -> None:
    row = {"応募ID": "X1", "名前": "佐藤 健", "メールアドレス": "ken@mail.example", "募集職種": "経理"}
    bring(session, acme, herp(row | {"選考ステップ": "一次面接"}))
    application = session.scalars(select(Application)).one()
    enter(session, application, ProgressEntry(Progress.STEP, TODAY, StepKind.FINAL, "社長面接"))
    session.commit()
    bring(session, acme, herp(row | {"選考ステップ": "二次面接"}))
    session.refresh(application)
    assert application.stage == "社長面接"
    assert "社長面接" in session.scalars(select(ApplicationStep.name)).all()


ENTRIES = st.builds(
    ProgressEntry,
    what=st.sampled_from(Progress),
    on=st.integers(0, 300).map(lambda days: TODAY - timedelta(days=days)),
    step=st.sampled_from(StepKind),
    own_word=st.sampled_from(["", "社長面接", "一次"]),
    reason=st.sampled_from(RejectionReason),
)


RECORDED: dict[str, Any] = {
    "entries": st.lists(ENTRIES, min_size=1, max_size=4),
    "basis": st.sampled_from(RetentionBasis),
    "drafted": st.booleans(),
}


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(**RECORDED)
def test_whatever_was_recorded_and_taken_back_leaves_the_rows_as_they_were(
    session: Session, cast: Cast, entries: list[ProgressEntry], basis: RetentionBasis, drafted: bool
) -> None:
    record_and_take_back(session, cast, entries, basis, drafted)


def record_and_take_back(
    session: Session, cast: Cast, entries: list[ProgressEntry], basis: RetentionBasis, drafted: bool
) -> None:
    """Take back one by one what was recorded; tests/soak/test_any_order.py does it many times."""
    with scopes.company(session, cast.acme.id):
        candidate = make_candidate(session, cast.acme, basis=basis)
        application = make_application(session, candidate, applied_on=None)
        search_rows.index(session, [candidate.id])
        if drafted:
            draft_for(session, cast, application)
        before, done = [everything(session)], []
        for entry in entries:
            try:
                made = enter(session, application, entry)
            except DomainError:
                session.rollback()
                continue
            if made is not None:
                done.append(made.id)
                before.append(everything(session))
        for entry_id in reversed(done):
            before.pop()
            undo.undo(session, cast.acme.id, entry_id, by_user_id=None)
            assert everything(session) == before[-1]


@pytest.mark.parametrize("told", [True, False])
def test_what_the_person_was_told_since_is_not_taken_back(
    session: Session, cast: Cast, application: Application, told: bool
) -> None:
    made = enter(session, application, ProgressEntry(Progress.REJECTED, TODAY, reason=RejectionReason.FILLED))
    assert made is not None
    if told:
        decisions.note_notified_elsewhere(session, [application], by_user_id=1)
    else:
        session.add(_mail(application, MessageState.SCHEDULED))
    session.commit()
    with pytest.raises(ChangedSince):
        undo.undo(session, cast.acme.id, made.id, by_user_id=None)
    session.rollback()
    assert application.status is ApplicationResult.REJECTED


def test_the_images_of_an_act_go_with_the_person(session: Session, cast: Cast, application: Application) -> None:
    draft_for(session, cast, application)
    enter(session, application, WITHDREW)
    session.commit()
    assert session.scalar(select(func.count()).select_from(JournalImage))
    erase_candidates(session, cast.acme.id, [application.candidate_id])
    assert session.scalar(select(func.count()).select_from(JournalImage)) == 0


def _mail(application: Application, state: MessageState) -> Message:
    moment = clock.now()
    return Message(
        company_id=application.company_id,
        letter="result",
        mail_class=MailClass.RELAY,
        subject_kind="application",
        subject_id=application.id,
        candidate_id=application.candidate_id,
        to_address="hanako@mail.example",
        values={},
        once_per_subject=True,
        state=state,
        due_at=moment,
        message_id=f"<{application.id}@test>",
        created_at=moment,
    )
