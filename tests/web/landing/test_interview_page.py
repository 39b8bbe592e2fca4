"""Picking a time on the phone: from the company's mail to the page, one tap, and every way in which it can go wrong."""

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import decisions, interview_letters, interview_reminders, interviews, positions, slots
from relay.hiring.appointments import Appointment, hours_words
from relay.hiring.interviews import CalledOffBy
from relay.mail import compose, letters, tokens
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    InterviewInvitation,
    Message,
    Position,
    PositionState,
    RejectionReason,
    Slot,
    TokenPurpose,
    scopes,
)
from relay.rights.erasure import erase_candidates
from relay.text.times import TypedTime
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.web.landing.phone import Phone, words

NAME, HANA = "花岡 葉", "hana@mail.example"
MEETING = "https://meet.example/abc"


@pytest.fixture
def position(session: Session, cast: Cast) -> Position:
    """A position with three times, an hour apart, the day after tomorrow."""
    made = make_position(session, cast.acme, "経理")
    offer(session, cast, made, 10, 11, 12)
    return made


def offer(session: Session, cast: Cast, position: Position, *hours: int) -> None:
    day = clock.today() + timedelta(days=2)
    times = [TypedTime(day, clock.now().time().replace(hour=hour, minute=0, second=0, microsecond=0)) for hour in hours]
    with scopes.company(session, cast.acme.id):
        slots.offer(session, cast.acme.id, position.id, times, minutes=60, place=MEETING, by_user_id=None)
    session.commit()


@pytest.fixture
def path(session: Session, cast: Cast, position: Position) -> str:
    """The way to the page, as the company's mail brings it."""
    person = make_candidate(session, cast.acme, NAME, email=HANA)
    application = make_application(session, person, position)
    with scopes.company(session, cast.acme.id):
        interviews.invite(session, application.id, by_user_id=cast.ada.id)
        return mailed(session, interview_letters.INVITATION)


def mailed(session: Session, letter: str) -> str:
    """The path of the link in the newest mail of a letter."""
    found = re.search(r"https?://\S+/interview/\S+", mail_text(session, letter))
    assert found
    session.commit()
    return urlsplit(found[0]).path


def mail_text(session: Session, letter: str) -> str:
    message = session.scalars(
        select(Message).where(Message.letter == letter).order_by(Message.id.desc()).limit(1)
    ).one()
    mint = letters.find(letter).mint
    links = mint(session, message) if mint else {}
    written = compose.render(session, message, preview=False, links=links)
    return f"{written.subject}\n{written.text}"


def other(session: Session, cast: Cast, position: Position) -> InterviewInvitation:
    """Another person who is invited for the same position."""
    with scopes.company(session, cast.acme.id):
        person = make_candidate(session, cast.acme, "別の 人", email="other@mail.example")
        application = make_application(session, person, position)
        return interviews.invite(session, application.id, by_user_id=None)


def buttons(page: str) -> list[str]:
    """The numbers of the times that the page offers."""
    return re.findall(r'name="slot" value="(\d+)"', page)


def booked(session: Session, cast: Cast) -> dict[str, str]:
    """The times that are taken, in hours, by the person's name."""
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        met = [each for each in interviews.coming(session) if each.day == clock.today() + timedelta(days=2)]
    return {each.name: hours_words(each.starts_at, each.minutes) for each in met if each.starts_at}


def news(session: Session, cast: Cast, letter: str = interview_letters.NEWS) -> str:
    with scopes.company(session, cast.acme.id):
        return mail_text(session, letter)


def appointment(session: Session, cast: Cast) -> str:
    with scopes.company(session, cast.acme.id):
        mine = select(Slot).join(InterviewInvitation, InterviewInvitation.slot_id == Slot.id)
        return Appointment.of(session.scalars(mine).one()).when


def test_one_tap_picks_a_time_and_both_sides_are_told(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    page = phone.get(path)
    assert NAME not in page.text and HANA not in page.text, "the mail may have been passed on"
    assert "「経理」の面談です。日時のボタンを押すと、決まります。" in words(page)
    first, *_rest = buttons(page.text)
    for _twice in range(2):
        answer = phone.post(path, {"slot": first})
        assert answer.status_code == 303 and urlsplit(answer.location).path == path
    assert booked(session, cast) == {NAME: "10:00〜11:00"}
    after = phone.get(path)
    assert "面談の日時が決まっています" in words(after) and f'href="{MEETING}"' in after.text
    assert "採用担当者に伝わります" in words(after)
    told = news(session, cast)
    assert "面談の日時が決まりました" in told and f"日時：{appointment(session, cast)}" in told
    assert f"場所：{MEETING}" in told and "始まる時刻まで、次のページでできます" in told
    to_ada = news(session, cast, interview_letters.NOTICE)
    assert f"{NAME}さんが、「経理」の面談の日時を選びました。" in to_ada and "/pool/" in to_ada


def test_it_goes_into_the_calendar(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    assert phone.get(f"{path}/calendar").status_code == 302, "nothing is picked"
    phone.post(path, {"slot": buttons(phone.get(path).text)[1]})
    file = phone.get(f"{path}/calendar")
    assert file.mimetype == "text/calendar" and "attachment" in file.headers["Content-Disposition"]
    calendar = Calendar.from_ical(file.data)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["method"]), event["sequence"], event["location"]) == ("PUBLISH", 1, MEETING)
    assert event["dtstart"].dt.hour == 11 and path in event["description"] and "attendee" not in event


def test_it_can_be_changed_and_the_one_before_is_free_for_others(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    first, second, _third = buttons(phone.get(path).text)
    phone.post(path, {"slot": first})
    change = phone.get(f"{path}?change=1")
    assert f"選ぶまで、前の日時（{appointment(session, cast)}）のままです。" in words(change)
    assert first not in buttons(change.text)
    phone.post(path, {"slot": second})
    assert booked(session, cast) == {NAME: "11:00〜12:00"}
    assert "前の日時は取り消しました" in news(session, cast)
    assert "前の日時は、ほかの方に選んでいただけます" in news(session, cast, interview_letters.NOTICE)
    rival = other(session, cast, position)
    with scopes.company(session, cast.acme.id):
        assert interviews.pick(session, rival.id, int(first))


def test_it_can_be_given_up_and_what_is_left_is_offered(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    first, *_rest = buttons(phone.get(path).text)
    phone.post(path, {"slot": first})
    asked = phone.get(f"{path}?call-off=1")
    assert "この日時はほかの方が選べるようになります。ご応募は取り消しになりません。" in words(asked)
    assert booked(session, cast), "looking changes nothing"
    for _twice in range(2):
        assert phone.post(f"{path}/call-off").status_code == 303
    assert booked(session, cast) == {}
    assert len(buttons(phone.get(path).text)) == 3
    told = news(session, cast)
    assert "ご連絡のとおり、「経理」の面談の予定を取り消しました" in told
    assert "ほかの候補日時があります。次のページでお選びください。" in told
    assert "この日時は、ほかの方に選んでいただけます" in news(session, cast, interview_letters.NOTICE)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Application.status)).all() == [ApplicationResult.OPEN]


def test_who_was_too_late_sees_what_is_left(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    first, second, third = buttons(phone.get(path).text)
    rival = other(session, cast, position)
    with scopes.company(session, cast.acme.id):
        interviews.pick(session, rival.id, int(first))
        slots.remove(session, int(third))
    session.commit()
    for gone in (first, third, "999999", "", "x" * 40):
        late = phone.post(path, {"slot": gone})
        assert late.status_code == 409 and "お手数ですが、残っている日時からお選びください。" in words(late)
        assert buttons(late.text) == [second]
    assert booked(session, cast) == {"別の 人": "10:00〜11:00"}
    assert first not in buttons(phone.get(path).text), "already taken times are not shown"


def test_when_all_are_gone_the_person_says_so_and_is_written_to_once_there_are_new_ones(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    with scopes.company(session, cast.acme.id):
        for slot in slots.free(session, position.id):
            slots.remove(session, slot.id)
    session.commit()
    assert "いま、お選びいただける日時がありません" in words(phone.get(path))
    for _twice in range(2):
        assert phone.post(f"{path}/other-times").status_code == 303
    assert "ほかの日時のご希望を、採用担当者に伝えています。" in words(phone.get(path))
    with scopes.company(session, cast.acme.id):
        assert [each.name for each in interviews.needing_times(session)] == [NAME], "home names them"
    offer(session, cast, position, 15)
    with scopes.company(session, cast.acme.id):
        assert interviews.tell_waiting(session, position.id) == 1
        assert "新しい候補日時をご用意しました" in mail_text(session, interview_letters.INVITATION)
        again = mailed(session, interview_letters.INVITATION)
    assert len(buttons(phone.get(again).text)) == 1


def test_none_of_the_times_suits(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    assert "ご都合の合う日時がないとき" in words(phone.get(path))
    phone.post(f"{path}/other-times")
    page = phone.get(path)
    assert "新しい候補日時ができましたら、メールでお知らせします。" in words(page) and len(buttons(page.text)) == 3
    with scopes.company(session, cast.acme.id):
        assert [each.name for each in interviews.needing_times(session)] == [NAME]


@pytest.mark.parametrize("others", [True, False])
def test_the_company_calls_it_off(phone: Phone, session: Session, cast: Cast, path: str, others: bool) -> None:
    first, *_rest = buttons(phone.get(path).text)
    phone.post(path, {"slot": first})
    with scopes.company(session, cast.acme.id):
        invitation = session.scalars(select(InterviewInvitation)).one()
        interviews.call_off(session, invitation.id, CalledOffBy.COMPANY, offer_others=others)
    session.commit()
    told = news(session, cast)
    assert "申し訳ありませんが、「経理」の面談の予定を取り消しました" in told
    assert ("ほかの候補日時があります" in told) is others
    page = phone.get(path)
    assert len(buttons(page.text)) == (2 if others else 0)
    assert ("お選びいただける日時がありません" in words(page)) is not others
    assert f"{NAME}さんにも、メールでお知らせします" in news(session, cast, interview_letters.NOTICE)


def test_without_times_left_the_mails_say_whose_turn_it_is(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    first, second, third = buttons(phone.get(path).text)
    phone.post(path, {"slot": first})
    with scopes.company(session, cast.acme.id):
        for slot in (second, third):
            slots.remove(session, int(slot))
        invitation = session.scalars(select(InterviewInvitation)).one()
        interviews.call_off(session, invitation.id, CalledOffBy.COMPANY)
    assert "新しい候補日時ができましたら、メールでお知らせします。" in news(session, cast)
    assert "次は自社の番です" in news(session, cast, interview_letters.NOTICE)
    offer(session, cast, position, 16)
    with scopes.company(session, cast.acme.id):
        assert interviews.tell_waiting(session, position.id) == 1


def test_the_page_of_a_closed_position_picks_nothing_and_keeps_what_was_picked(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    first, *_rest = buttons(phone.get(path).text)
    rival = other(session, cast, position)
    with scopes.company(session, cast.acme.id):
        interviews.pick(session, rival.id, int(first))
        positions.set_state(session, position, PositionState.CLOSED)
    session.commit()
    assert "いま、お選びいただける日時がありません" in words(phone.get(path))
    assert phone.post(path, {"slot": first}).status_code == 409
    assert booked(session, cast) == {"別の 人": "10:00〜11:00"}


def test_who_changes_without_end_is_asked_to_call(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    """Each change mails both sides; what was picked last stays."""
    first, second, _third = buttons(phone.get(path).text)
    for number in range(interviews.MAX_CHANGES):
        assert phone.post(path, {"slot": second if number % 2 else first}).status_code == 303
    refused = phone.post(path, {"slot": first})
    assert refused.status_code == 409 and "このページからは変更できません" in words(refused)
    assert booked(session, cast) == {NAME: "11:00〜12:00"}


def test_a_rejection_the_person_does_not_know_of_is_not_told_by_the_page(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    """It says what it says when HR has removed every time."""
    with scopes.company(session, cast.acme.id):
        application = session.scalars(select(Application)).one()
        decisions.reject(session, application, reason=RejectionReason.COMPARISON, by_user_id=cast.ada.id)
    session.commit()
    rejected = words(phone.get(path))
    assert "いま、お選びいただける日時がありません" in rejected
    assert not any(said in rejected for said in ("終わり", "終了", "見送"))
    assert phone.post(path, {"slot": "1"}).status_code == 409


def test_the_link_of_a_corrected_address_opens_nothing(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    with scopes.company(session, cast.acme.id):
        session.scalars(select(Candidate)).one().email = "hanako@mail.example"
    session.commit()
    assert phone.get(path).status_code == 404


def test_past_times_are_shown_and_nothing_can_be_done(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    first, second, _third = buttons(phone.get(path).text)
    phone.post(path, {"slot": first})
    with clock.at(clock.now() + timedelta(days=3)):
        page = phone.get(path)
        assert "この面談の日時は過ぎました" in words(page) and "変更する" not in words(page)
        assert "取り消しますか" not in words(phone.get(f"{path}?call-off=1"))
        for late in (phone.post(f"{path}/call-off"), phone.post(path, {"slot": second})):
            assert late.status_code == 409
    assert booked(session, cast) == {NAME: "10:00〜11:00"}


def test_the_link_of_somebody_erased_opens_nothing(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    with scopes.company(session, cast.acme.id):
        erase_candidates(session, cast.acme.id, session.scalars(select(InterviewInvitation.candidate_id)).all())
    session.commit()
    for answer in (phone.get(path), phone.post(path, {"slot": "1"}), phone.post(f"{path}/call-off")):
        assert answer.status_code == 404 and "このリンクは、いまは使えません" in words(answer)


def test_a_token_of_another_page_opens_none(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    with scopes.company(session, cast.acme.id):
        invitation = session.scalars(select(InterviewInvitation)).one()
    for purpose in (TokenPurpose.RECORD_ENDS, TokenPurpose.RELAY):
        token = tokens.mint(session, purpose, invitation.id, company_id=cast.acme.id)
        session.commit()
        assert phone.get(f"/interview/{token}").status_code == 404


def test_the_reminder_says_day_and_place(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    phone.post(path, {"slot": buttons(phone.get(path).text)[0]})
    assert "前日にもう一度メールでお知らせします" in words(phone.get(path))
    tomorrow: date = clock.today() + timedelta(days=1)
    with clock.at(clock.start_of_day(tomorrow) + timedelta(hours=10)):
        assert interview_reminders.remind(session, cast.acme.id) == 1
        told = news(session, cast)
        assert "面談が近づきました" in told and f"日時：{appointment(session, cast)}" in told and MEETING in told
        to_ada = news(session, cast, interview_letters.NOTICE)
        assert f"{NAME}さんにも、お知らせしています" in to_ada
