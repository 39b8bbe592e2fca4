"""A record's timeline: everything that happened, newest first, page by page, none of another company's."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import notes, tags
from relay.hiring import decisions
from relay.models import (
    Actor,
    ApplicationResult,
    Candidate,
    EventTag,
    MailClass,
    Message,
    MessageState,
    RejectionReason,
    act_as,
    event_data,
    record,
    scopes,
)
from relay.models.keyset import Page
from relay.record import timeline, viewing
from relay.record.timeline import EntrySource, TimelineEntry, TimelineSection
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Candidate:
    act_as(session, Actor("user", cast.ada.id))
    return make_candidate(session, cast.acme)


def page(session: Session, candidate: Candidate, **asked: Any) -> Page[TimelineEntry]:
    return timeline.read(session, candidate, timeline.applications_of(session, candidate.id), **asked)


def words(session: Session, candidate: Candidate, **asked: Any) -> list[str]:
    with scopes.company(session, candidate.company_id):
        return [entry.word for entry in page(session, candidate, **asked).rows]


def test_acts_mails_memos_and_what_a_file_said_stand_in_one_order(
    session: Session, cast: Cast, hanako: Candidate
) -> None:
    application = make_application(
        session, hanako, make_position(session, cast.acme), applied_on=clock.today() - timedelta(days=9)
    )
    start = clock.now()
    with scopes.company(session, cast.acme.id):
        with clock.at(start + timedelta(minutes=1)):
            tags.add_tag(session, tags.find_or_make(session, "惜しい"), [hanako.id], by_user_id=cast.ada.id)
        with clock.at(start + timedelta(minutes=2)):
            notes.add_note(session, hanako, "また会いたい", by_user_id=cast.ada.id)
        with clock.at(start + timedelta(minutes=3)):
            decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=cast.ada.id)
        _mail(session, hanako, application.id, start + timedelta(minutes=4))
        entries = page(session, hanako).rows
    assert [(entry.source, entry.word, entry.by) for entry in entries] == [
        (EntrySource.MESSAGE, "sent", "Ada"),
        (EntrySource.EVENT, "application:rejected", "Ada"),
        (EntrySource.NOTE, "note", "Ada"),
        (EntrySource.EVENT, "tag:added", "Ada"),
        (EntrySource.APPLIED, "open", ""),
    ]
    assert entries[2].text == "また会いたい"
    assert entries[1].about == application.id
    assert entries[1].data == {"candidate_id": hanako.id, "reason": "filled"}


def test_an_end_that_a_file_brought_is_a_day_of_its_own(session: Session, cast: Cast, hanako: Candidate) -> None:
    make_application(
        session, hanako, status=ApplicationResult.WITHDREW, applied_on=date(2026, 4, 1), decided_on=date(2026, 4, 20)
    )
    with scopes.company(session, cast.acme.id):
        ended, applied = page(session, hanako, show=TimelineSection.SELECTION).rows
    assert (ended.source, ended.word, ended.whole_day) == (EntrySource.ENDED, "withdrew", True)
    assert (applied.source, applied.at.astimezone(clock.JAPAN).date()) == (EntrySource.APPLIED, date(2026, 4, 1))


def test_pages_follow_each_other_without_gap_or_double(session: Session, cast: Cast, hanako: Candidate) -> None:
    with scopes.company(session, cast.acme.id), clock.at(clock.now()):
        for n in range(5):
            notes.add_note(session, hanako, f"メモ{n}", by_user_id=None)
        make_application(session, hanako)
        seen, after = [], ""
        for _page in range(4):
            part = page(session, hanako, after=after, limit=2)
            seen += [entry.text or entry.word for entry in part.rows]
            after = part.next
            if not after:
                break
    assert seen == ["メモ4", "メモ3", "メモ2", "メモ1", "メモ0", "open"]


@pytest.mark.parametrize("cursor", ["", "x", "12", "99999999999999999999e1", "1e", "1'e1"])
def test_a_cursor_nobody_gave_starts_at_the_top(session: Session, hanako: Candidate, cursor: str) -> None:
    with scopes.company(session, hanako.company_id):
        notes.add_note(session, hanako, "メモ", by_user_id=None)
    assert words(session, hanako, after=cursor) == ["note"]


def test_viewings_stand_in_the_log_only_and_once_in_ten_minutes(
    session: Session, cast: Cast, hanako: Candidate
) -> None:
    start = clock.now()
    with scopes.company(session, cast.acme.id):
        for minutes, viewer in ((0, cast.ada), (5, cast.ada), (6, cast.vic), (11, cast.ada)):
            act_as(session, Actor("user", viewer.id))
            with clock.at(start + timedelta(minutes=minutes)):
                opened, seen_just_now = viewing.opened(session, hanako.id)
                assert opened is not None
                assert opened.id == hanako.id
                if not seen_just_now:
                    viewing.note_view(session, cast.acme.id, hanako.id)
        log = page(session, hanako, show=TimelineSection.LOG).rows
    assert [(entry.word, entry.by) for entry in log] == [
        ("candidate:viewed", "Ada"),
        ("candidate:viewed", "Vic"),
        ("candidate:viewed", "Ada"),
    ]
    assert words(session, hanako) == []


def test_nothing_of_another_company_or_person_is_in_it(session: Session, cast: Cast, hanako: Candidate) -> None:
    namesake, stranger = make_candidate(session, cast.acme, "別人"), make_candidate(session, cast.other, "他社")
    with scopes.company(session, cast.other.id):
        notes.add_note(session, stranger, "他社のメモ", by_user_id=None)
        about = event_data.TagOnCandidate(tag_id=1)
        record(session, EventTag.TAG_ADDED, company_id=cast.other.id, subject=("candidate", hanako.id), data=about)
    with scopes.company(session, cast.acme.id):
        notes.add_note(session, namesake, "別人のメモ", by_user_id=None)
    assert words(session, hanako) == []


def _mail(session: Session, candidate: Candidate, application_id: int, at: object) -> None:
    session.add(
        Message(
            company_id=candidate.company_id,
            letter="result",
            once_per_subject=True,
            mail_class=MailClass.RELAY,
            subject_kind="application",
            subject_id=application_id,
            candidate_id=candidate.id,
            to_address=candidate.email,
            state=MessageState.SENT,
            due_at=at,
            created_at=at,
            settled_at=at,
            message_id="<1@test>",
            by_user_id=1,
        )
    )
    session.flush()
