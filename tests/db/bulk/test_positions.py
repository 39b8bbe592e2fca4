"""Positions that are renamed or merged: who applied, what asks for them, and the way back."""

from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import actions, activity, position_admin, runs, tag_rules, undo
from relay.bulk import bulk_jobs as _worker  # noqa: F401
from relay.bulk.actions import MergePositions
from relay.bulk.position_admin import SamePosition
from relay.bulk.undo import CannotUndo, ChangedSince
from relay.hiring import interviews, positions, slots
from relay.hiring.interviews import CalledOffBy
from relay.indexing import search_rows
from relay.infra import jobs
from relay.models import (
    Application,
    Candidate,
    Company,
    Event,
    EventTag,
    FollowUp,
    InterviewInvitation,
    Job,
    JournalEntry,
    Position,
    SavedSearch,
    Slot,
    TagRule,
    scopes,
)
from relay.search import application_search, candidate_search, saved
from relay.search.candidate_search import Query
from relay.text.times import TypedTime
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.intake.bringing import bring, herp


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def acme(session: Session, cast: Cast) -> Iterator[Company]:
    """Acme, in whose scope the test runs."""
    with scopes.company(session, cast.acme.id):
        yield cast.acme


@pytest.fixture
def sales(session: Session, acme: Company) -> Position:
    """法人営業, for which three people applied."""
    position = make_position(session, acme, "法人営業")
    for number in range(3):
        applied(session, acme, position, number)
    return position


@pytest.fixture
def field_sales(session: Session, acme: Company, sales: Position) -> Position:
    """外勤営業, for which the last of them applied, too, and one more."""
    position = make_position(session, acme, "外勤営業")
    last = session.scalars(select(Candidate).order_by(Candidate.id.desc()).limit(1)).one()
    make_application(session, last, position)
    applied(session, acme, position, 3)
    return position


def applied(session: Session, acme: Company, position: Position, number: int) -> None:
    candidate = make_candidate(session, acme, f"応募 {number}子", email=f"a{number}@mail.example")
    make_application(session, candidate, position)
    search_rows.index(session, [candidate.id])


def found(session: Session, company: Company, q: str) -> int:
    return len(candidate_search.find(session, company.id, Query(q=q)).rows)


def for_each(session: Session) -> dict[str, int]:
    return {row.title: row.total for row in application_search.positions(session, Query()).rows}


def merge(session: Session, company: Company, one: Position, into: Position) -> runs.Done:
    return runs.do_to_carriers(session, company.id, MergePositions(one.id, into.id), by_user_id=None)


def entry(session: Session, done: runs.Done) -> JournalEntry:
    return session.scalars(select(JournalEntry).where(JournalEntry.id == done.entry_id)).one()


def work(session: Session) -> None:
    """The worker, until nothing is due."""
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass


def test_a_new_title_is_what_people_are_found_by_and_searches_ask_for(
    session: Session, cast: Cast, acme: Company, sales: Position
) -> None:
    query = Query(q="position:法人営業", positions=(sales.id,))
    search = saved.save(session, "営業の方", query, user_id=cast.ada.id, shared=False)
    rule = tag_rules.create(
        session, acme.id, condition="position:法人営業", tag=None, follow_up=FollowUp.SCOUT, by_user_id=cast.ada.id
    )
    assert position_admin.change(session, sales, {"title": "企業向けの提案職"}) == ["title"]
    assert (found(session, acme, "企業向けの提案職"), found(session, acme, "法人営業")) == (3, 0)
    assert search.conditions["q"] == rule.condition == "position:企業向けの提案職"
    assert search.conditions["positions"] == [sales.id]


def test_a_title_of_many_is_followed_by_the_worker(
    session: Session, acme: Company, sales: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SYNC_LIMIT", 2)
    monkeypatch.setattr(runs, "CHUNK_SIZE", 2)
    position_admin.change(session, sales, {"title": "企業向けの提案職"})
    assert session.scalars(select(Job.kind)).all() == ["position-words"]
    work(session)
    assert found(session, acme, "企業向けの提案職") == 3


def test_merging_moves_every_application_and_the_way_back_brings_all_of_it(
    session: Session, cast: Cast, acme: Company, sales: Position, field_sales: Position
) -> None:
    positions.change(session, field_sales, {"title": "フィールドセールス"})
    query = Query(q="position:フィールドセールス", positions=(field_sales.id, sales.id))
    search = saved.save(session, "営業の方", query, user_id=cast.ada.id, shared=False)
    rule = tag_rules.create(
        session, acme.id, condition="position:フィールドセールス", tag=None, follow_up=FollowUp.SCOUT, by_user_id=None
    )
    before = for_each(session)
    done = merge(session, acme, field_sales, sales)
    session.commit()
    assert (done.people, for_each(session)) == (2, {"法人営業": 5})
    assert found(session, acme, "法人営業") == 4
    assert (search.conditions["q"], search.conditions["positions"]) == ("position:法人営業", [sales.id])
    assert rule.condition == "position:法人営業"
    assert positions.former_titles(session, sales.id) == ["フィールドセールス", "外勤営業"]
    assert session.scalars(select(Event.data).where(Event.tag == EventTag.POSITIONS_MERGED)).one() == {"into": sales.id}
    bring(
        session,
        acme,
        herp({"応募ID": "H1", "名前": "森 蓮", "メールアドレス": "r@mail.example", "募集職種": "外勤営業"}),
    )
    assert for_each(session) == {"法人営業": 6}, "a file that still says the old name makes no position"

    activity.take_back(session, acme.id, entry(session, done), by_user_id=None)
    session.commit()
    assert for_each(session) == {"フィールドセールス": before["フィールドセールス"], "法人営業": 4}
    assert session.scalars(select(TagRule.condition)).one() == "position:フィールドセールス"
    assert positions.find_or_make(session, "外勤営業").title == "フィールドセールス"  # type: ignore[union-attr]
    assert positions.former_titles(session, sales.id) == []
    assert session.scalars(select(SavedSearch)).one().conditions["q"] == "position:法人営業", "its owner's to change"


@pytest.mark.parametrize("name", ["法人営業", "どこにもない求人", ""])
def test_a_position_is_merged_into_another_one_that_is_there(session: Session, sales: Position, name: str) -> None:
    with pytest.raises(SamePosition):
        position_admin.other_position(session, sales, name)


def test_many_applications_are_moved_by_the_worker_and_those_that_come_meanwhile(
    session: Session, acme: Company, sales: Position, field_sales: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SYNC_LIMIT", 1)
    monkeypatch.setattr(runs, "CHUNK_SIZE", 1)
    monkeypatch.setattr(actions, "_CHUNK_SIZE", 1)
    done = merge(session, acme, sales, field_sales)
    assert done.running
    applied(session, acme, sales, 9)  # the worker begins below this person
    work(session)
    assert for_each(session) == {"外勤営業": 6}
    assert entry(session, done).people == 4
    undo.undo(session, acme.id, entry(session, done).id, by_user_id=None)
    assert for_each(session) == {"法人営業": 4, "外勤営業": 2}


def test_the_way_back_is_closed_by_a_change_and_by_a_new_position_of_that_name(
    session: Session, acme: Company, sales: Position, field_sales: Position
) -> None:
    done = merge(session, acme, field_sales, sales)
    positions.create(session, {"title": "外勤営業"})
    session.commit()
    with pytest.raises(CannotUndo, match="同じ名前の"):
        undo.undo(session, acme.id, entry(session, done).id, by_user_id=None)
    session.rollback()
    third = make_position(session, acme, "内勤営業")
    moved = session.scalars(select(Application).where(Application.position_id == sales.id)).all()[-1]
    moved.position_id = third.id
    session.commit()
    with pytest.raises(ChangedSince):
        undo.undo(session, acme.id, entry(session, done).id, by_user_id=None)


def test_taking_an_import_back_leaves_a_position_that_was_completed_since(session: Session, acme: Company) -> None:
    rows = (
        {"名前": name, "メールアドレス": f"{at}@mail.example", "募集職種": title}
        for at, (name, title) in enumerate((("森 蓮", "購買"), ("林 凛", "総務")))
    )
    bring(session, acme, herp(*rows))
    bought = positions.find(session, "購買")
    assert bought is not None
    positions.change(session, bought, {"place": "長野県岡谷市"})
    session.commit()
    last = session.scalars(select(JournalEntry.id)).one()
    undo.undo(session, acme.id, last, by_user_id=None)
    assert session.scalars(select(Position.title)).all() == ["購買"]


def test_another_companys_positions_are_out_of_reach(session: Session, cast: Cast, acme: Company) -> None:
    theirs = make_position(session, cast.other, "法人営業")
    candidate = make_candidate(session, cast.other)
    make_application(session, candidate, theirs)
    mine = make_position(session, acme, "購買")
    merge(session, acme, theirs, mine)
    with scopes.company(session, cast.other.id):
        assert session.scalars(select(Application.position_id)).one() == theirs.id
        assert session.scalars(select(Position.title)).one() == "法人営業"


def test_times_for_interviews_go_along_and_come_back(
    session: Session, cast: Cast, acme: Company, sales: Position, field_sales: Position
) -> None:
    """A time that both offer is one afterwards, unless each was taken: then each stays with its person."""
    day = clock.today() + timedelta(days=3)
    for position, hours in ((sales, (9, 10, 11, 12)), (field_sales, (10, 11, 12))):
        times = [TypedTime(day, time(hour)) for hour in hours]
        slots.offer(session, acme.id, position.id, times, minutes=60, place="", by_user_id=None)
    booked = [_book(session, sales, 1, 0), _book(session, sales, 2, 1), _book(session, field_sales, 1, 0)]
    before = _times(session)
    merged = runs.do_to_carriers(session, acme.id, MergePositions(sales.id, field_sales.id), by_user_id=cast.ada.id)
    assert merged.entry_id
    assert [session.get_one(InterviewInvitation, one).slot_id for one, _slot in booked] == [slot for _o, slot in booked]
    free = [each.starts_at.astimezone(clock.JAPAN).hour for each in slots.free(session, field_sales.id)]
    assert free == [9, 11, 12], "offered once; 10 is taken twice"
    interviews.call_off(session, booked[1][0], CalledOffBy.PERSON)
    assert len(slots.free(session, field_sales.id)) == 3, "nobody is offered the hour that is there already"
    undo.undo(session, acme.id, merged.entry_id, by_user_id=cast.ada.id)
    assert _times(session) == before


def _book(session: Session, position: Position, which: int, who: int) -> tuple[int, int]:
    """Let one who applied pick a time; returns the numbers of invitation and slot."""
    applied_for = select(Application.id).where(Application.position_id == position.id).order_by(Application.id)
    invitation = interviews.open_for(session, session.scalars(applied_for).all()[who], by_user_id=None)
    hours = {each.starts_at.astimezone(clock.JAPAN).hour: each.id for each in slots.free(session, position.id)}
    slot = hours[9 + which] if 9 + which in hours else hours[10]
    interviews.pick(session, invitation.id, slot)
    return invitation.id, slot


def _times(session: Session) -> list[tuple[int, int | None]]:
    session.expire_all()
    return [tuple(row) for row in session.execute(select(Slot.id, Slot.position_id).order_by(Slot.id))]
