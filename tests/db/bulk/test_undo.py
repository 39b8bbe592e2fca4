"""Taking an act back: rows become what they were, or nothing happens and the person is named who changed since."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.bulk.undo import CannotUndo, ChangedSince
from relay.candidates import notes
from relay.indexing import search_rows
from relay.models import (
    ActionKind,
    Candidate,
    CandidateTag,
    Company,
    FollowUp,
    JournalEntry,
    JournalImage,
    Note,
    Position,
    Tag,
    TagKind,
    journal,
    scopes,
)
from relay.rights import erasure
from relay.search import candidate_search
from relay.search.candidate_search import Query
from tests.cast import make_application, make_candidate, make_cast, make_company, make_position
from tests.rows import every_row

BY_ITSELF = {"events", "event_deliveries", "journal_entries", "journal_images", "match_checks"}


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    """Acme, in whose scope the test runs."""
    company = make_cast(session).acme
    with scopes.company(session, company.id):
        yield company


@pytest.fixture
def people(session: Session, acme: Company) -> list[Candidate]:
    """Three people who are found by their names."""
    made = [make_candidate(session, acme, name, email="") for name in ("森 凛", "林 葵", "高橋 花子")]
    search_rows.index(session, [person.id for person in made])
    session.commit()
    return made


def everything(session: Session) -> dict[str, Any]:
    """All rows of all tables but those that undoing writes itself."""
    return every_row(session, BY_ITSELF)


def _tag(session: Session) -> Tag:
    tag = Tag(kind=TagKind.FREE, name="惜しい", name_key="惜しい", created_at=clock.now())
    session.add(tag)
    session.flush()
    return tag


def _put(session: Session, company: Company, tag: Tag, people: list[Candidate]) -> int:
    """Tag these people under the journal; returns the entry's id."""
    with journal.kept(session, company.id, ActionKind.TAGGED, by_user_id=None, data={"tag_id": tag.id}) as recorder:
        rows = [
            {"company_id": company.id, "candidate_id": one.id, "tag_id": tag.id, "at": clock.now(), "by_user_id": None}
            for one in people
        ]
        session.execute(insert(CandidateTag), rows)
        recorder.made(CandidateTag, session.scalars(select(CandidateTag.id)).all())
        search_rows.index(session, [one.id for one in people])
    assert recorder.entry is not None
    return recorder.entry.id


def test_what_was_added_goes_and_is_no_longer_found(session: Session, acme: Company, people: list[Candidate]) -> None:
    before = everything(session)
    with journal.kept(session, acme.id, ActionKind.TAGGED, by_user_id=None) as recorder:
        tag = _tag(session)
        recorder.made(Tag, [tag.id])
        session.execute(
            insert(CandidateTag),
            [{"company_id": acme.id, "candidate_id": one.id, "tag_id": tag.id, "at": clock.now()} for one in people],
        )
        recorder.made(CandidateTag, session.scalars(select(CandidateTag.id)).all())
    search_rows.index(session, [one.id for one in people])
    assert candidate_search.count(session, acme.id, Query(q="惜しい")) == 3

    assert recorder.entry is not None and recorder.entry.people == 3
    undo.undo(session, acme.id, recorder.entry.id, by_user_id=None)

    assert everything(session) == before


def test_what_was_changed_and_removed_comes_back_as_it_was(
    session: Session, acme: Company, people: list[Candidate]
) -> None:
    first, second, _third = people
    note = notes.add_note(session, second, "面接の説明が具体的。", by_user_id=None)
    make_application(session, first, make_position(session, acme))
    search_rows.index(session, [first.id])
    before = everything(session)
    with journal.kept(session, acme.id, ActionKind.MERGED, by_user_id=None) as recorder:
        recorder.will_change(Candidate, [first.id, second.id])
        recorder.will_change(Note, [note.id], person=first.id)
        first.name, first.follow_up, first.updated_at = "森 りん", FollowUp.SCOUT, clock.now() + timedelta(hours=1)
        session.delete(session.scalars(select(Note).where(Note.id == note.id)).one())
    search_rows.index(session, [first.id, second.id])
    session.commit()
    assert recorder.entry is not None

    undo.undo(session, acme.id, recorder.entry.id, by_user_id=None)

    assert everything(session) == before
    assert recorder.entry.people == 1, "whose rows stayed as they were is no part of the act"


def test_an_act_that_changed_nothing_leaves_no_line(session: Session, acme: Company, people: list[Candidate]) -> None:
    with journal.kept(session, acme.id, ActionKind.FOLLOW_UP_SET, by_user_id=None) as recorder:
        recorder.will_change(Candidate, [one.id for one in people])

    assert recorder.entry is None
    assert session.scalars(select(JournalEntry)).all() == []


def test_whoever_was_changed_since_is_named_and_nothing_is_taken_back(
    session: Session, acme: Company, people: list[Candidate]
) -> None:
    ids = [one.id for one in people]
    with journal.kept(session, acme.id, ActionKind.FOLLOW_UP_SET, by_user_id=None) as recorder:
        recorder.will_change(Candidate, ids)
        session.execute(update(Candidate).where(Candidate.id.in_(ids)).values(follow_up=FollowUp.SCOUT))
    session.execute(update(Candidate).where(Candidate.id == ids[1]).values(follow_up=FollowUp.REAPPLY))
    session.commit()
    before = everything(session)
    assert recorder.entry is not None

    with pytest.raises(ChangedSince) as refused:
        undo.undo(session, acme.id, recorder.entry.id, by_user_id=None)
    session.rollback()

    assert "林 葵" in str(refused.value) and "森 凛" not in str(refused.value)
    assert everything(session) == before


def test_a_person_made_by_the_act_about_whom_something_was_written_since_stays(session: Session, acme: Company) -> None:
    with journal.kept(session, acme.id, ActionKind.IMPORTED, by_user_id=None) as recorder:
        newcomer = make_candidate(session, acme, "水野 悟")
        recorder.made(Candidate, [newcomer.id])
    search_rows.index(session, [newcomer.id])
    session.commit()
    assert recorder.entry is not None
    notes.add_note(session, newcomer, "電話で話した。", by_user_id=None)

    with pytest.raises(ChangedSince, match="水野 悟"):
        undo.undo(session, acme.id, recorder.entry.id, by_user_id=None)


def test_a_row_somebody_removed_already_is_no_hindrance(
    session: Session, acme: Company, people: list[Candidate]
) -> None:
    entry_id = _put(session, acme, _tag(session), people)
    session.delete(session.scalars(select(CandidateTag).limit(1)).one())

    undo.undo(session, acme.id, entry_id, by_user_id=None)

    assert session.scalars(select(CandidateTag)).all() == []


def test_a_word_that_others_use_by_now_stays(session: Session, acme: Company, people: list[Candidate]) -> None:
    with journal.kept(session, acme.id, ActionKind.IMPORTED, by_user_id=None) as recorder:
        position = make_position(session, acme)
        recorder.made(Position, [position.id])
    make_application(session, people[0], position)
    session.commit()
    assert recorder.entry is not None

    undo.undo(session, acme.id, recorder.entry.id, by_user_id=None)

    assert session.scalars(select(Position.id)).all() == [position.id]


def test_once_and_in_time(session: Session, acme: Company, people: list[Candidate]) -> None:
    entry_id = _put(session, acme, _tag(session), people)
    undo.undo(session, acme.id, entry_id, by_user_id=None)

    with pytest.raises(CannotUndo, match="すでに"):
        undo.undo(session, acme.id, entry_id, by_user_id=None)
    with pytest.raises(CannotUndo, match="期間"):
        undo.undo(session, acme.id, entry_id + 1, by_user_id=None)


def test_after_its_day_an_act_stands_and_its_images_go(
    session: Session, acme: Company, people: list[Candidate]
) -> None:
    entry_id = _put(session, acme, _tag(session), people)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        with pytest.raises(CannotUndo, match="期間"):
            undo.undo(session, acme.id, entry_id, by_user_id=None)
        with scopes.everyone(session, "test: the worker's sweep"):
            journal.sweep(session)

    assert session.scalars(select(JournalImage)).all() == []
    assert session.scalars(select(JournalEntry.id)).all() == [entry_id]


def test_another_company_cannot_take_it_back(session: Session, acme: Company, people: list[Candidate]) -> None:
    entry_id = _put(session, acme, _tag(session), people)
    other = make_company(session, "elsewhere")
    with scopes.company(session, other.id), pytest.raises(CannotUndo):
        undo.undo(session, other.id, entry_id, by_user_id=None)


def test_images_speak_of_the_companys_own_rows_only(session: Session, acme: Company, people: list[Candidate]) -> None:
    """Even an image that named another company's row could neither read nor change it."""
    other = make_company(session, "elsewhere")
    stranger = make_candidate(session, other, "他社 太郎")
    assert list(journal.read(session, Candidate, acme.id, [stranger.id])) == []
    entry = JournalEntry(
        action=ActionKind.EDITED, data={}, by_user_id=None, at=clock.now(), undo_until=clock.now() + timedelta(1)
    )
    session.add(entry)
    session.flush()
    row = {"table": "candidates", "id": stranger.id, "was": {"name": "x"}, "became": journal.fingerprint({})}
    session.add(JournalImage(entry_id=entry.id, candidate_id=people[0].id, rows=[row]))
    session.commit()

    with pytest.raises(ChangedSince):
        undo.undo(session, acme.id, entry.id, by_user_id=None)
    session.rollback()
    with scopes.company(session, other.id):
        assert session.scalars(select(Candidate.name)).all() == ["他社 太郎"]


def test_erasing_a_person_takes_their_images_along_and_undoing_leaves_them_gone(
    session: Session, acme: Company, people: list[Candidate]
) -> None:
    ids = [one.id for one in people]
    with journal.kept(session, acme.id, ActionKind.FOLLOW_UP_SET, by_user_id=None) as recorder:
        recorder.will_change(Candidate, ids)
        session.execute(update(Candidate).where(Candidate.id.in_(ids)).values(follow_up=FollowUp.SCOUT))
    session.commit()
    assert recorder.entry is not None
    erasure.erase_candidates(session, acme.id, ids[:1])

    undo.undo(session, acme.id, recorder.entry.id, by_user_id=None)

    assert dict(session.execute(select(Candidate.id, Candidate.follow_up)).all()) == {ids[1]: None, ids[2]: None}
