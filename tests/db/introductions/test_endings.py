"""Each ending by its rule: what was set aside ends with it exactly once, and both sides read of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.extensions import db
from relay.hiring import interviews, progress, slots
from relay.hiring.interviews import CalledOffBy
from relay.hiring.progress import Progress, ProgressEntry
from relay.infra import jobs as worker
from relay.introductions import endings, for_partners, jobs, promises
from relay.introductions.endings import AdviceTooLong, Fault, HiredWithoutInterview, InterviewToCome, PersonNotMissing
from relay.introductions.standing import RequestOver
from relay.introductions.standing import honouring as honouring_partners
from relay.mail.sending_hours import working_day
from relay.models import (
    Application,
    ApplicationResult,
    DeclineReason,
    Event,
    EventTag,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    Message,
    RejectionReason,
    RequestEnd,
    event_data,
    record,
    scopes,
)
from relay.network import honouring, ledger_check, partners
from relay.rights.erasure import erase_address, erase_candidates
from relay.rights.requests import ErasureReason, erase_on_request
from tests.cast import Cast
from tests.db.introductions import build
from tests.db.introductions.build import HANA, Desk, first_time
from tests.statements import counted

LATER = timedelta(hours=2)


def decline(desk: Desk, request: IntroductionRequest) -> None:
    endings.decline(
        desk.session,
        desk.company.id,
        request.id,
        partner_id=desk.partner.id,
        reason=DeclineReason.NOBODY_FITS,
        advice="年収の幅を広げると、ご紹介しやすくなります。",
    )


def cancel(desk: Desk, request: IntroductionRequest) -> None:
    endings.cancel(desk.session, desk.company.id, request.id)


def wait(desk: Desk, request: IntroductionRequest) -> None:
    with clock.at(clock.end_of_day(working_day(clock.today(), 5)) + LATER):
        jobs.lapse_due(desk.session)


def close(desk: Desk, request: IntroductionRequest) -> None:
    partners.end_partnership(desk.session, desk.company.id, desk.partner.id)
    jobs.lapse_due(desk.session)


RELEASED = {
    "declined": (decline, IntroductionState.DECLINED, RequestEnd.DECLINED),
    "cancelled": (cancel, IntroductionState.CANCELLED, RequestEnd.CANCELLED),
    "lapsed": (wait, IntroductionState.LAPSED, RequestEnd.PARTNER_SILENT),
    "closed": (close, IntroductionState.LAPSED, RequestEnd.PARTNER_CLOSED),
}


@pytest.mark.parametrize("way", RELEASED)
def test_before_a_yes_every_ending_gives_the_credit_back_once(desk: Desk, way: str) -> None:
    act, state, why = RELEASED[way]
    request = desk.ask()
    act(desk, request)
    desk.session.commit()
    now = desk.now(request)
    assert (now.state, now.end_reason, now.due_on) == (state, why, None)
    assert desk.ledger() == ["earned", "reserved", "released"]
    for again in (decline, cancel):
        with pytest.raises(RequestOver):
            again(desk, request)
        desk.session.rollback()
    wait(desk, request)
    assert desk.ledger() == ["earned", "reserved", "released"]
    assert ledger_check.verify(desk.session, desk.company.id) == []


def test_a_decline_says_its_reason_and_one_line(desk: Desk) -> None:
    request = desk.ask()
    with pytest.raises(AdviceTooLong):
        endings.decline(
            desk.session,
            desk.company.id,
            request.id,
            partner_id=desk.partner.id,
            reason=DeclineReason.FIELD,
            advice="長" * 201,
        )
    desk.session.rollback()
    decline(desk, request)
    desk.session.commit()
    now = desk.now(request)
    assert now.declined_for is DeclineReason.NOBODY_FITS
    assert now.advice.startswith("年収の幅")


def test_it_lapses_on_the_day_after_its_last_and_says_who_was_silent(desk: Desk) -> None:
    request = desk.ask()
    desk.link(request)
    last = desk.now(request).due_on
    assert last is not None
    with clock.at(clock.end_of_day(last)):
        jobs.lapse_due(desk.session)
    assert desk.now(request).state is IntroductionState.OFFERED
    with clock.at(clock.end_of_day(last) + LATER):
        jobs.lapse_due(desk.session)
        jobs.lapse_due(desk.session)
    assert desk.now(request).end_reason is RequestEnd.PERSON_SILENT
    assert desk.ledger() == ["earned", "reserved", "released"]


def accepted(desk: Desk) -> IntroductionRequest:
    request = desk.ask()
    desk.yes(desk.link(request))
    return request


def test_held_is_recorded_once_its_time_has_come(desk: Desk) -> None:
    request = accepted(desk)
    with pytest.raises(InterviewToCome):
        endings.interview_held(desk.session, desk.company.id, request.id)
    desk.session.rollback()
    with clock.at(first_time(desk.session, desk.position) + LATER):
        endings.interview_held(desk.session, desk.company.id, request.id)
        desk.session.commit()
        with pytest.raises(RequestOver):
            endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.PERSON)
    assert desk.now(request).state is IntroductionState.HELD
    assert desk.ledger() == ["earned", "reserved", "spent"]


@pytest.mark.parametrize(
    ("fault", "why", "lines"),
    [
        (Fault.COMPANY, RequestEnd.COMPANY_FAULT, ["earned", "reserved", "spent"]),
        (Fault.PERSON, RequestEnd.PERSON_FAULT, ["earned", "reserved", "spent", "restored"]),
        (Fault.NOBODY, RequestEnd.NO_FAULT, ["earned", "reserved", "spent", "restored"]),
    ],
)
@pytest.mark.parametrize("before", [True, False], ids=["before its time", "after its time"])
def test_an_interview_that_was_not_held_costs_the_company_its_credit_by_its_own_fault_alone(
    desk: Desk, fault: Fault, why: RequestEnd, lines: list[str], before: bool
) -> None:
    request = accepted(desk)
    if before and fault is Fault.PERSON:
        call_off(desk, CalledOffBy.PERSON)
    with clock.at(clock.now() if before else first_time(desk.session, desk.position) + LATER):
        endings.interview_failed(desk.session, desk.company.id, request.id, by=fault)
        desk.session.commit()
    now = desk.now(request)
    assert (now.state, now.end_reason) == (IntroductionState.FAILED, why)
    assert desk.ledger() == lines
    assert (now.restored_id is not None) == ("restored" in lines)
    with scopes.company(desk.session, desk.company.id):
        assert interviews.coming(desk.session) == [] or not before
    assert ledger_check.verify(desk.session, desk.company.id) == []


def test_that_the_person_stayed_away_is_not_to_be_said_before_they_are_awaited(desk: Desk) -> None:
    request = accepted(desk)
    with pytest.raises(PersonNotMissing):
        endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.PERSON)
    desk.session.rollback()
    assert desk.now(request).state is IntroductionState.ACCEPTED
    assert desk.ledger() == ["earned", "reserved", "spent"]


def ends_told(desk: Desk) -> list[tuple[str, list[str]]]:
    """What mails told the person of an interview that is off or a promise that is over, with the notes in them."""
    with scopes.everyone(desk.session, "test"):
        theirs = select(Message).where(Message.letter == "interview", Message.to_address == HANA["email"])
        sent = desk.session.scalars(theirs.order_by(Message.id)).all()
    return [
        (each.values["news"], each.values.get("notes", []))
        for each in sent
        if each.values["news"] in ("called-off", "promise-over")
    ]


@pytest.mark.parametrize("fault", Fault)
def test_the_person_is_told_that_the_promise_is_over(desk: Desk, fault: Fault) -> None:
    request = accepted(desk)
    with clock.at(first_time(desk.session, desk.position) + LATER):
        endings.interview_failed(desk.session, desk.company.id, request.id, by=fault)
        desk.session.commit()
    assert ends_told(desk) == [("promise-over", [])]


def test_one_mail_tells_of_an_interview_called_off_and_of_the_end_of_its_promise(desk: Desk) -> None:
    request = accepted(desk)
    endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.COMPANY)
    desk.session.commit()
    assert ends_told(desk) == [("called-off", ["これで、この面談の約束は終わりました。ご応募は取り消しになりません。"])]


def test_who_waited_for_other_times_is_told_and_can_pick_none_any_more(desk: Desk) -> None:
    request = accepted(desk)
    call_off(desk, CalledOffBy.COMPANY)
    endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.NOBODY)
    desk.session.commit()
    assert [news for news, _notes in ends_told(desk)] == ["called-off", "promise-over"]
    with scopes.company(desk.session, desk.company.id):
        invitation_id = desk.session.scalars(select(Introduction.invitation_id)).one()
        assert invitation_id is not None
        assert interviews.held(desk.session, invitation_id).closed_at is not None


def call_off(desk: Desk, by: CalledOffBy) -> None:
    with scopes.company(desk.session, desk.company.id):
        invitation_id = desk.session.scalars(select(Introduction.invitation_id)).one()
        assert invitation_id is not None
        interviews.call_off(desk.session, invitation_id, by)
    desk.session.commit()


@pytest.mark.parametrize(
    ("by", "why", "free"),
    [
        (CalledOffBy.PERSON, RequestEnd.PERSON_FAULT, 1),
        (CalledOffBy.COMPANY, RequestEnd.COMPANY_FAULT, 0),
        (CalledOffBy.RESULT, RequestEnd.COMPANY_FAULT, 0),
    ],
)
def test_where_no_interview_came_about_in_fourteen_days_who_called_it_off_last_decides(
    desk: Desk, by: CalledOffBy, why: RequestEnd, free: int
) -> None:
    request = accepted(desk)
    call_off(desk, by)
    last = desk.now(request).due_on
    assert last is not None
    with clock.at(clock.end_of_day(last)):
        jobs.lapse_due(desk.session)
    assert desk.now(request).state is IntroductionState.ACCEPTED, "another time can still be picked"
    with clock.at(clock.end_of_day(last) + LATER):
        jobs.lapse_due(desk.session)
        jobs.lapse_due(desk.session)
    assert desk.now(request).end_reason is why
    assert desk.free() == free
    with scopes.company(desk.session, desk.company.id):
        [application] = desk.session.scalars(select(Application))
    assert application.status is ApplicationResult.OPEN, "the promise ends, the application goes on"
    assert ends_told(desk)[-1] == ("promise-over", [])


def test_a_person_who_withdraws_takes_no_credit_from_the_company(desk: Desk) -> None:
    """By the record of the withdrawal, and the interview that is called off by it; they are asked whether it was so."""
    request = accepted(desk)
    record_result(desk, Progress.WITHDREW)
    call_off(desk, CalledOffBy.RESULT)
    assert endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.PERSON) is Fault.PERSON
    desk.session.commit()
    assert desk.now(request).end_reason is RequestEnd.PERSON_FAULT
    assert desk.free() == 1
    assert ends_told(desk) == [], "they were told that the interview is off, and end it themselves"
    assert promises.asked_of_candidate(desk.session, desk.company.id, request.id, kept=False)


def test_of_a_rejection_the_end_is_the_companys_whatever_it_says(desk: Desk) -> None:
    request = accepted(desk)
    record_result(desk, Progress.REJECTED)
    call_off(desk, CalledOffBy.RESULT)
    assert endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.PERSON) is Fault.COMPANY
    desk.session.commit()
    assert desk.free() == 0


@pytest.mark.parametrize("by", [CalledOffBy.COMPANY, CalledOffBy.RESULT])
@pytest.mark.parametrize("said", [Fault.PERSON, Fault.NOBODY])
def test_the_companys_word_does_not_bring_back_a_credit_it_lost_by_calling_off(
    desk: Desk, by: CalledOffBy, said: Fault
) -> None:
    request = accepted(desk)
    call_off(desk, by)
    assert endings.interview_failed(desk.session, desk.company.id, request.id, by=said) is Fault.COMPANY
    desk.session.commit()
    assert desk.now(request).end_reason is RequestEnd.COMPANY_FAULT
    assert desk.free() == 0


def test_where_the_person_picked_another_time_since_the_companys_word_counts(desk: Desk) -> None:
    request = accepted(desk)
    call_off(desk, CalledOffBy.COMPANY)
    with scopes.company(desk.session, desk.company.id):
        invitation_id = desk.session.scalars(select(Introduction.invitation_id)).one()
        assert invitation_id is not None
        interviews.pick(desk.session, invitation_id, slots.free(desk.session, desk.position.id)[0].id)
    with clock.at(clock.now() + timedelta(days=build.DAYS + 1)):
        assert endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.PERSON) is Fault.PERSON
        desk.session.commit()
    assert desk.free() == 1


@pytest.mark.parametrize("way", ["by its word", "by the calendar", "by an erasure"])
def test_a_person_who_was_hired_was_met(session: Session, desk: Desk, way: str) -> None:
    request = accepted(desk)
    last = desk.now(request).due_on
    assert last is not None
    record_result(desk, Progress.HIRED)
    if way == "by its word":
        for said in Fault:
            with pytest.raises(HiredWithoutInterview):
                endings.interview_failed(session, desk.company.id, request.id, by=said)
            session.rollback()
    elif way == "by an erasure":
        erase(session, desk)
    else:
        call_off(desk, CalledOffBy.PERSON)
        with clock.at(clock.end_of_day(last) + LATER):
            jobs.lapse_due(session)
    kept = {IntroductionState.ACCEPTED} if way == "by its word" else {IntroductionState.HELD}
    assert desk.now(request).state in kept
    assert desk.free() == 0


def test_an_interview_whose_time_came_does_not_lapse_and_hr_is_asked_once_a_week(desk: Desk) -> None:
    request = accepted(desk)
    began = first_time(desk.session, desk.position)
    for days in (1, 2, 8, 30):
        with clock.at(began + timedelta(days=days)):
            jobs.lapse_due(desk.session)
            jobs.remind(desk.session)
    assert desk.now(request).state is IntroductionState.ACCEPTED
    with scopes.everyone(desk.session, "test"):
        asked = desk.session.scalars(select(Message).where(Message.letter == "introduction-news")).all()
    assert [(each.to_address, each.values["what"]) for each in asked] == [("ada@acme.example", "record")] * 3


def test_a_partner_is_reminded_once_on_the_working_day_before_the_last(desk: Desk) -> None:
    request = desk.ask()
    last = desk.now(request).due_on
    assert last is not None
    day = clock.today()
    while day <= last:
        with clock.at(clock.start_of_day(day) + timedelta(hours=9)):
            jobs.remind(desk.session)
            jobs.remind(desk.session)
        day += timedelta(days=1)
    with scopes.everyone(desk.session, "test"):
        mails = select(Message.values).where(Message.letter == "introduction-request").order_by(Message.id)
        told = desk.session.scalars(mails).all()
    assert [each["what"] for each in told] == ["new", "reminder"]
    assert desk.now(request).reminded_on == working_day(clock.today(), 4)


def test_a_licence_that_is_in_order_again_keeps_the_request(desk: Desk) -> None:
    """Also one renewed while the worker has a list of what to end: each act looks again."""
    request = desk.ask()
    assert not endings.close_for_partner(desk.session, desk.company.id, request.id)
    assert desk.now(request).state is IntroductionState.OPEN
    desk.partner.license_until = clock.today() - timedelta(days=1)
    desk.session.commit()
    assert endings.close_for_partner(desk.session, desk.company.id, request.id)


def test_news_of_a_partner_ends_the_requests_to_this_one_alone(desk: Desk, cast: Cast) -> None:
    request = desk.ask()
    desk.partner.license_until = clock.today() - timedelta(days=1)
    for partner, state in ((cast.manabi, IntroductionState.OPEN), (desk.partner, IntroductionState.LAPSED)):
        changed = event_data.FieldsChanged(fields=("license_until",))
        record(desk.session, EventTag.PARTNER_CHANGED, partner_id=partner.id, data=changed)
        desk.session.commit()
        while worker.deliver_event(desk.session, clock.now() + timedelta(minutes=1)):
            pass
        assert desk.now(request).state is state


def test_what_is_not_due_is_not_looked_at_each_hour(desk: Desk) -> None:
    """Neither who was reminded lately, nor an interview that took place, nor a result that is followed."""
    request = accepted(desk)
    began = first_time(desk.session, desk.position)
    with clock.at(began + timedelta(days=30)):
        jobs.remind(desk.session)
        with counted(db.engine) as statements:
            jobs.lapse_due(desk.session)
            jobs.remind(desk.session)
            jobs.settle(desk.session)
        assert len([each for each in statements if "introduction_requests" in each]) == len(statements) == 6
        endings.interview_held(desk.session, desk.company.id, request.id)
        record_result(desk, Progress.HIRED)
        with counted(db.engine) as statements:
            jobs.settle(desk.session)
        assert len(statements) == 1


def test_erasing_holds_the_company_before_it_stops_a_mail(session: Session, desk: Desk) -> None:
    """As calling an interview off does, so that neither waits for the other for ever."""
    accepted(desk)
    with scopes.company(session, desk.company.id):
        person = session.scalars(select(Introduction.candidate_id)).one()
    session.commit()
    for erasing in (
        lambda: erase_address(session, HANA["email"]),
        lambda: erase_candidates(session, desk.company.id, [person or 0]),
    ):
        with counted(db.engine) as statements:
            erasing()
        session.rollback()
        written = [n for n, each in enumerate(statements) if not each.startswith("SELECT")]
        locked = [n for n, each in enumerate(statements) if "FROM companies" in each]
        assert locked[0] < written[0], statements[: written[0] + 1]


def test_erasing_a_person_before_the_interview_calls_it_off_and_restores_the_credit(
    session: Session, desk: Desk
) -> None:
    request = accepted(desk)
    person = erase(session, desk)
    now = desk.now(request)
    assert (now.state, now.end_reason) == (IntroductionState.FAILED, RequestEnd.ERASED)
    assert desk.ledger() == ["earned", "reserved", "spent", "restored"]
    with scopes.company(session, desk.company.id):
        kept = session.scalars(select(Introduction)).one()
        assert interviews.coming(session) == []
    assert (kept.candidate_id, kept.application_id, kept.invitation_id) == (None, None, None)
    with scopes.everyone(session, "test"):
        told = select(Message).where(Message.letter == "interview-notice")
        notices = session.scalars(told.order_by(Message.id)).all()
    assert notices[-1].values["news"] == "erased"
    tags = session.scalars(select(Event.tag).order_by(Event.id)).all()
    assert tags.index(EventTag.INTRODUCTION_ENDED) < tags.index(EventTag.CANDIDATE_ERASED)
    assert person


def erase(session: Session, desk: Desk) -> int:
    with scopes.company(session, desk.company.id):
        person = session.scalars(select(Introduction.candidate_id)).one()
    assert person is not None
    assert erase_candidates(session, desk.company.id, [person]) == 1
    session.commit()
    return person


@pytest.mark.parametrize(
    ("reason", "free"), [(ErasureReason.ASKED, 1), (ErasureReason.MISTAKEN, 0), (ErasureReason.OTHER, 0)]
)
def test_erasing_by_the_companys_own_wish_gives_no_credit_back(
    session: Session, desk: Desk, reason: ErasureReason, free: int
) -> None:
    """Else it would be the way around its own calling off."""
    request = accepted(desk)
    with scopes.company(session, desk.company.id):
        person = session.scalars(select(Introduction.candidate_id)).one()
    assert person is not None and erase_on_request(session, desk.company.id, person, reason=reason)
    session.commit()
    now = desk.now(request)
    assert now.end_reason is (RequestEnd.ERASED if free else RequestEnd.COMPANY_FAULT)
    assert desk.free() == free
    assert ledger_check.verify(session, desk.company.id) == []


def test_what_the_company_called_off_stays_spent_whoever_wishes_the_erasure(session: Session, desk: Desk) -> None:
    request = accepted(desk)
    call_off(desk, CalledOffBy.COMPANY)
    erase(session, desk)
    assert desk.now(request).end_reason is RequestEnd.COMPANY_FAULT
    assert desk.free() == 0


def test_erasing_a_person_after_the_interview_gives_no_credit_back(session: Session, desk: Desk) -> None:
    """Else a company could have the interview and the credit."""
    request = accepted(desk)
    with clock.at(first_time(session, desk.position) + LATER):
        erase(session, desk)
    assert desk.now(request).state is IntroductionState.HELD
    assert desk.free() == 0


def record_result(desk: Desk, what: Progress) -> int:
    """Let HR record the result of the application, and the worker hear of it; gives the entry of the journal."""
    with scopes.company(desk.session, desk.company.id):
        application_id = desk.session.scalars(select(Introduction.application_id)).one()
        application = desk.session.scalars(select(Application).where(Application.id == application_id)).one()
        seen = progress.version(desk.session, application)
        reason = RejectionReason.COMPARISON if what is Progress.REJECTED else None
        entry = ProgressEntry(what, clock.today(), reason=reason)
        made = progress.enter(desk.session, application.id, entry, seen=seen, by_user_id=None)
    assert made is not None
    desk.session.commit()
    while worker.deliver_event(desk.session, clock.now() + timedelta(minutes=1)):
        pass
    return made.id


def test_a_held_interview_follows_the_result_of_its_application(desk: Desk) -> None:
    request = accepted(desk)
    with clock.at(first_time(desk.session, desk.position) + LATER):
        endings.interview_held(desk.session, desk.company.id, request.id)
        entry_id = record_result(desk, Progress.HIRED)
        assert desk.now(request).state is IntroductionState.HIRED, "at once: home counts it"
        with scopes.company(desk.session, desk.company.id):
            undo.undo(desk.session, desk.company.id, entry_id, by_user_id=None)
        desk.session.commit()
        jobs.settle(desk.session)
        assert desk.now(request).state is IntroductionState.HELD
        record_result(desk, Progress.WITHDREW)
        jobs.settle(desk.session)
        assert desk.now(request).state is IntroductionState.NOT_HIRED
    assert desk.ledger() == ["earned", "reserved", "spent"], "whatever becomes of the person (B-20)"


LIFE = [
    lambda desk, request: None,
    lambda desk, request: endings.interview_held(desk.session, desk.company.id, request.id),
    *(
        lambda desk, request, fault=fault: endings.interview_failed(desk.session, desk.company.id, request.id, by=fault)
        for fault in Fault
    ),
]


@pytest.mark.parametrize("life", LIFE, ids=["to come", "held", "by company", "by person", "by nobody"])
def test_a_reapplication_reads_to_the_partner_like_any_other_yes_and_the_credit_is_free(
    desk: Desk, life: Callable[[Desk, IntroductionRequest], None]
) -> None:
    """Words and the numbers of the year alike, or they would tell that the person had applied here (A-45)."""
    build.earn(desk.session, desk.company, 1)
    seen = []
    for name in ("花野 咲", "花野 咲"):  # the second time it is a re-application
        request = desk.ask()
        assert desk.yes(desk.link(request), name=name).reapplied == bool(seen)
        life_at = first_time(desk.session, desk.position) + timedelta(days=3)
        before = honouring.agencies(desk.session, desk.company.id)[0].year.left
        with clock.at(life_at):
            life(desk, request)
            desk.session.commit()
        with scopes.partner(desk.session, desk.partner.id):
            asked = for_partners.asked(desk.session, request.id)
        assert asked is not None
        left = honouring.agencies(desk.session, desk.company.id)[0].year.left
        [standing] = [each.left for each in honouring_partners(desk.session, desk.company.id)]
        assert standing == left
        seen.append((for_partners.STATE_WORDS[asked.line.state], asked.line.due_on is None, before - left))
    assert seen[0] == seen[1]
    assert desk.now(request).spent_id is None and "released" in desk.ledger()
    assert ledger_check.verify(desk.session, desk.company.id) == []
