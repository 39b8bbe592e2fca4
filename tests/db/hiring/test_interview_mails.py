"""Mails about interviews as they leave: the appointment in them, read alike by two calendars, and no link at rest."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import decisions, interview_letters, interview_reminders, interviews, slots
from relay.hiring.interviews import CalledOffBy
from relay.mail import compose, letters, outbox, servers, tokens
from relay.mail.mailbox import Mailbox
from relay.mail.transport import ToMailbox
from relay.models import (
    Application,
    Candidate,
    InterviewInvitation,
    Message,
    MessageState,
    NotifiedBy,
    Position,
    RejectionReason,
    Token,
    TokenPurpose,
    scopes,
)
from relay.rights import disclosure
from relay.rights.erasure import erase_candidates
from relay.text.times import TypedTime
from tests.calendars import by_ical_js, by_icalendar, utc
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position

ANSWERS, HANA = "saiyo@acme.example", "hana@mail.example"
ROOM, MEETING = "本社3階、第2会議室; 受付は2階", "https://meet.example/abc?pwd=1,2"
MONDAY = datetime(2026, 11, 30, 3, tzinfo=UTC)
"""Noon in Japan."""
START = datetime(2026, 12, 3, 5, tzinfo=UTC)


@pytest.fixture
def cast(session: Session) -> Iterator[Cast]:
    """The cast on a Monday; Acme reads its mail at an address of its own."""
    with clock.at(MONDAY):
        made = make_cast(session)
        made.acme.reply_to = ANSWERS
        session.commit()
        yield made


@pytest.fixture
def position(session: Session, cast: Cast) -> Iterator[Position]:
    with scopes.company(session, cast.acme.id):
        made = make_position(session, cast.acme, "経理")
        offer(session, made, 3, ROOM)
        offer(session, made, 4, MEETING)
        yield made


def offer(session: Session, position: Position, day: int, place: str) -> None:
    at = TypedTime(date(2026, 12, day), time(14))
    slots.offer(session, position.company_id, position.id, [at], minutes=60, place=place, by_user_id=None)


@pytest.fixture
def invitation(session: Session, cast: Cast, position: Position) -> InterviewInvitation:
    person = make_candidate(session, cast.acme, "花岡 葉", email=HANA)
    application = make_application(session, person, position)
    return interviews.invite(session, application.id, by_user_id=cast.ada.id)


def book(session: Session, invitation: InterviewInvitation, which: int = 0) -> None:
    position_id = session.get_one(Application, invitation.application_id).position_id
    interviews.pick(session, invitation.id, slots.free(session, position_id)[which].id)


def last(session: Session, letter: str) -> Message:
    newest = select(Message).where(Message.letter == letter).order_by(Message.id.desc()).limit(1)
    return session.scalars(newest).one()


def mail(session: Session, letter: str) -> EmailMessage:
    """The newest mail of a letter, as the bytes that travel are read again."""
    message = last(session, letter)
    mint = letters.find(letter).mint
    written = compose.render(session, message, preview=False, links=mint(session, message) if mint else {})
    data = compose.envelope(written, message, servers.route_of(session, message)).data
    read = message_from_bytes(data, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def calendars(mail: EmailMessage) -> tuple[str, bytes, bytes]:
    """The method said outside, the part that calendars read, and the file that people open."""
    (part,) = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    (file,) = list(mail.iter_attachments())
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "interview.ics")
    return part.get_param("method"), part.get_content().encode(), file.get_payload(decode=True)


def test_two_libraries_read_the_same_appointment_however_often_it_moves(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    expected = {
        "events": 1,
        "uid": invitation.uid,
        "zone": "Asia/Tokyo",
        "organizer": f"mailto:{ANSWERS}",
    }
    steps = [
        (lambda: book(session, invitation), "REQUEST", "CONFIRMED", 1, START, ROOM),
        (lambda: book(session, invitation), "REQUEST", "CONFIRMED", 2, START + timedelta(days=1), MEETING),
        (lambda: _off(session, invitation), "CANCEL", "CANCELLED", 3, START + timedelta(days=1), MEETING),
        (lambda: book(session, invitation), "REQUEST", "CONFIRMED", 4, START, ROOM),
    ]
    for act, method, status, sequence, start, place in steps:
        act()
        for letter, to in ((interview_letters.NEWS, HANA), (interview_letters.NOTICE, cast.ada.email)):
            said, part, file = calendars(mail(session, letter))
            told = by_icalendar(file)
            assert by_icalendar(part.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")) == told == by_ical_js(file)
            wanted = expected | {
                "method": method,
                "status": status,
                "sequence": sequence,
                "start": utc(start),
                "end": utc(start + timedelta(hours=1)),
                "location": place,
                "attendees": [f"mailto:{to}"],
            }
            assert said == method and {key: told[key] for key in wanted} == wanted
            assert max(len(line) for line in file.split(b"\r\n")) <= 75, "RFC 5545 3.1"


def _off(session: Session, invitation: InterviewInvitation) -> None:
    interviews.call_off(session, invitation.id, CalledOffBy.PERSON)


def test_the_member_is_told_that_nobody_comes_and_the_calendar_lets_go(
    session: Session, cast: Cast, position: Position, invitation: InterviewInvitation
) -> None:
    """The person was erased: the mail names position and time, takes the entry away, and nothing of the person."""
    book(session, invitation)
    uid, name = invitation.uid, "花岡"
    erase_candidates(session, cast.acme.id, [invitation.candidate_id])
    (vacated,) = interviews.vacated(session)
    assert (vacated.starts_at, vacated.position_id) == (START, position.id)
    message = last(session, interview_letters.NOTICE)
    assert (message.to_address, message.candidate_id, message.subject_id) == (cast.ada.email, None, None)
    assert message.state is MessageState.SCHEDULED
    read = mail(session, interview_letters.NOTICE)
    said, _part, file = calendars(read)
    told = by_icalendar(file)
    assert told == by_ical_js(file)
    assert (said, told["uid"], told["sequence"], told["status"]) == ("CANCEL", uid, 2, "CANCELLED")
    assert told["start"] == utc(START)
    text = read.get_body(("plain",))
    assert text is not None and "候補者の記録が消去されたためです" in text.get_content()
    for trace in (name, HANA, "/pool/"):
        assert trace not in read.as_string() + text.get_content() + file.decode() + json.dumps(message.values)
    assert slots.free(session, position.id)[0].starts_at == START, "others may have it"
    interviews.pick(session, another(session, cast, position).id, slots.free(session, position.id)[0].id)
    assert interviews.vacated(session) == []


def test_an_erasure_after_the_interview_or_without_a_time_tells_nobody(
    session: Session, cast: Cast, position: Position, invitation: InterviewInvitation
) -> None:
    book(session, invitation)
    without = another(session, cast, position).candidate_id
    before = session.scalar(select(func.count(Message.id)).where(Message.letter == interview_letters.NOTICE))
    with clock.at(START + timedelta(minutes=1)):
        erase_candidates(session, cast.acme.id, [invitation.candidate_id, without])
        assert interviews.vacated(session) == []
    assert session.scalar(select(func.count(Message.id)).where(Message.letter == interview_letters.NOTICE)) == before


def another(session: Session, cast: Cast, position: Position) -> InterviewInvitation:
    person = make_candidate(session, cast.acme, "森 実", email="minoru@mail.example")
    return interviews.invite(session, make_application(session, person, position).id, by_user_id=cast.ada.id)


def test_the_person_learns_no_address_of_a_member(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    book(session, invitation)
    assert cast.ada.email not in mail(session, interview_letters.NEWS).as_string()
    assert cast.ada.email.encode() not in calendars(mail(session, interview_letters.NEWS))[2]


def test_no_link_is_kept_and_the_mailed_one_opens_the_page_of_this_invitation_alone(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    book(session, invitation)
    for letter in (interview_letters.INVITATION, interview_letters.NEWS):
        text = mail(session, letter).get_body(("plain",))
        assert text is not None
        address = re.search(r"https?://\S+/interview/(\S+)", text.get_content())
        assert address
        opened = tokens.find(session, address[1], TokenPurpose.INTERVIEW)
        assert opened is not None and opened.subject_id == invitation.id
        kept = [*session.scalars(select(Token.hash)), json.dumps(last(session, letter).values)]
        assert not any(address[1] in each for each in kept)
        shown = compose.render(session, last(session, letter), preview=True)
        assert address[1] not in shown.text + shown.html and "（送信時に作られます）" in shown.text


def test_the_reminder_leaves_by_day_on_the_day_before_once_and_to_both(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    book(session, invitation)
    day_before = clock.start_of_day(START.astimezone(clock.JAPAN).date() - timedelta(days=1))
    with clock.at(day_before - timedelta(minutes=1)):
        assert interview_reminders.remind(session, cast.acme.id) == 0
    with clock.at(day_before + timedelta(minutes=1)):
        assert interview_reminders.remind(session, cast.acme.id) == 1
        assert interview_reminders.remind(session, cast.acme.id) == 0
    both = [last(session, letter) for letter in (interview_letters.NEWS, interview_letters.NOTICE)]
    assert [(each.values["news"], each.due_at) for each in both] == [("reminder", day_before + timedelta(hours=9))] * 2
    reminder = mail(session, interview_letters.NEWS)
    assert "2026年12月3日（木）14:00〜15:00" in reminder["subject"] and not list(reminder.iter_attachments())
    has_lapsed = letters.find(interview_letters.NEWS).has_lapsed
    assert has_lapsed is not None and not has_lapsed(session, both[0])
    book(session, invitation)
    assert has_lapsed(session, both[0]), "moved meanwhile"


def test_who_picked_the_time_today_is_not_reminded(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    with clock.at(START - timedelta(days=1)):
        book(session, invitation)
        assert interview_reminders.remind(session, cast.acme.id) == 0


def test_a_selection_that_ended_calls_the_interview_off_once_the_person_knows(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    book(session, invitation)
    application = session.get_one(Application, invitation.application_id)
    decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=None)
    assert interview_reminders.end(session, cast.acme.id) == 0, "a calendar does not tell the result"
    application.notified_at, application.notified_by = clock.now(), NotifiedBy.ELSEWHERE
    session.flush()
    assert interview_reminders.end(session, cast.acme.id) == 1
    assert interview_reminders.end(session, cast.acme.id) == 0
    said, _part, file = calendars(mail(session, interview_letters.NEWS))
    assert (said, by_icalendar(file)["status"]) == ("CANCEL", "CANCELLED")
    assert last(session, interview_letters.NEWS).values["open"] is False
    for letter, words in (
        (interview_letters.NEWS, "選考が終わりましたので"),
        (interview_letters.NOTICE, "選考が終わったため"),
    ):
        text = mail(session, letter).get_body(("plain",))
        assert text is not None and words in text.get_content()
    assert session.get_one(InterviewInvitation, invitation.id).closed_at is not None


def test_an_invitation_that_was_answered_or_closed_does_not_leave(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    message, has_lapsed = (
        last(session, interview_letters.INVITATION),
        letters.find(interview_letters.INVITATION).has_lapsed,
    )
    assert has_lapsed is not None and not has_lapsed(session, message)
    book(session, invitation)
    assert has_lapsed(session, message)
    _off(session, invitation)
    assert not has_lapsed(session, message)
    interviews.close(session, invitation.id)
    assert has_lapsed(session, message)


def test_a_member_who_left_is_not_written_to(session: Session, cast: Cast, invitation: InterviewInvitation) -> None:
    cast.ada.disabled_at = clock.now()
    session.flush()
    book(session, invitation)
    assert not session.scalars(select(Message).where(Message.letter == interview_letters.NOTICE)).all()


def test_disclosure_names_the_appointment_and_no_mail_to_a_member(
    session: Session, cast: Cast, invitation: InterviewInvitation
) -> None:
    book(session, invitation)
    for message in session.scalars(select(Message)):
        message.state = MessageState.SENT
    session.flush()
    candidate = session.get_one(Candidate, invitation.candidate_id)
    disclosed = disclosure.of_candidate(session, candidate, evaluations=False).as_json()
    assert "2026年12月3日（木）14:00〜15:00" in disclosed and ROOM in disclosed
    assert HANA in disclosed and cast.ada.email not in disclosed


def test_the_worker_sends_all_of_it(
    session: Session, cast: Cast, invitation: InterviewInvitation, tmp_path: Path
) -> None:
    book(session, invitation)
    session.commit()
    mailbox = Mailbox(tmp_path)
    while outbox.deliver_one(session, now=clock.now(), transport=ToMailbox(mailbox)):
        pass
    states = dict(session.execute(select(Message.letter, Message.state)).all())
    assert states == {
        interview_letters.INVITATION: MessageState.CANCELLED,
        interview_letters.NEWS: MessageState.SENT,
        interview_letters.NOTICE: MessageState.SENT,
    }
    assert len(list(mailbox.newest_first())) == 2
