"""Positions written in full: titles that lead to one position, states, what a posting must say, events."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import occupations, positions, posting
from relay.hiring.positions import TitleMissing, TitleTaken
from relay.models import (
    Application,
    Company,
    EmploymentType,
    Event,
    EventTag,
    FormerTitle,
    Position,
    PositionState,
    SalaryPeriod,
    scopes,
)
from tests.cast import make_cast, make_position
from tests.db.intake.bringing import bring, herp

FULL: dict[str, Any] = {
    "title": "法人営業",
    "occupation_id": 97,
    "description": "製造業のお客さまへの提案",
    "required_skills": "法人営業の経験",
    "place": "長野県岡谷市",
    "employment": EmploymentType.REGULAR,
    "salary_per": SalaryPeriod.YEAR,
    "salary_from": 4_000_000,
    "salary_to": 6_000_000,
    "headcount": 2,
}
HANAKO = {"応募ID": "H1", "名前": "高橋 花子", "メールアドレス": "hanako@mail.example", "募集職種": "営業"}


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    """Acme, in whose scope the test runs."""
    cast = make_cast(session)
    with scopes.company(session, cast.acme.id):
        yield cast.acme


def tags_of(session: Session, position: Position) -> list[str]:
    session.flush()
    about = select(Event.tag).where(Event.subject_kind == "position", Event.subject_id == position.id)
    return list(session.scalars(about.order_by(Event.id)))


def test_what_was_entered_is_kept_and_the_log_names_fields_alone(session: Session, acme: Company) -> None:
    position = positions.create(session, FULL | {"working_hours": "9:00〜18:00"})
    assert {name: positions.details(position)[name] for name in FULL} == FULL
    assert position.posting == {"working_hours": "9:00〜18:00"}
    assert (position.state, position.confirmed_on) == (PositionState.OPEN, clock.today())
    assert positions.change(session, position, {"place": "東京都", "headcount": None}) == ["place", "headcount"]
    assert positions.change(session, position, {"place": "東京都"}) == []
    assert position.description == FULL["description"], "what was not sent stays"
    assert tags_of(session, position) == [EventTag.POSITION_ADDED, EventTag.POSITION_CHANGED]
    kept = session.scalars(select(Event.data).where(Event.tag == EventTag.POSITION_CHANGED)).one()
    assert kept == {"fields": ["place", "headcount"]}


def test_a_title_is_needed_and_is_one_positions_alone(session: Session, acme: Company) -> None:
    positions.create(session, FULL)
    with pytest.raises(TitleMissing):
        positions.create(session, {"title": " 　"})
    with pytest.raises(TitleTaken):
        positions.create(session, {"title": "法人 営業"})
    other = positions.create(session, {"title": "経理"})
    with pytest.raises(TitleTaken):
        positions.change(session, other, {"title": "法人営業"})
    assert positions.change(session, other, {"title": "経 理"}) == ["title"], "its own, spelt otherwise"
    assert positions.former_titles(session, other.id) == []


def test_a_renamed_position_is_found_by_the_names_it_had(session: Session, acme: Company) -> None:
    position = positions.create(session, FULL)
    positions.change(session, position, {"title": "営業（東京）"})
    assert positions.find_or_make(session, "法人営業") is position
    assert positions.former_titles(session, position.id) == ["法人営業"]
    positions.change(session, position, {"title": "法人営業"})
    assert positions.former_titles(session, position.id) == ["営業（東京）"], "a title in use is no former one"
    new = positions.create(session, {"title": "営業（東京）"})
    assert positions.find_or_make(session, "営業（東京）") is new, "a new position of that name takes it"
    assert positions.former_titles(session, position.id) == []


def test_files_find_a_renamed_position_and_leave_what_was_completed(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    position = session.scalars(select(Position)).one()
    assert (position.confirmed_on, position.state) == (None, PositionState.OPEN)
    positions.change(session, position, FULL | {"title": "法人営業（東京）"})
    session.commit()
    report = bring(
        session,
        acme,
        herp(
            HANAKO | {"選考ステップ": "最終面接"},
            HANAKO | {"応募ID": "H2", "名前": "森 蓮", "メールアドレス": "ren@mail.example"},
        ),
    )
    assert (report.created, session.scalar(select(func.count()).select_from(Position))) == (1, 1)
    assert set(session.scalars(select(Application.position_id))) == {position.id}
    assert "最終面接" in session.scalars(select(Application.stage)).all()
    session.refresh(position)
    assert {name: positions.details(position)[name] for name in FULL} == FULL | {"title": "法人営業（東京）"}


def test_the_same_person_told_of_under_a_former_name_has_one_application(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    position = session.scalars(select(Position)).one()
    positions.change(session, position, {"title": "法人営業"})
    session.commit()
    sheet = "氏名,メールアドレス,応募職種\n高橋 花子,hanako@mail.example,営業\n".encode()
    bring(session, acme, sheet)
    assert session.scalar(select(func.count()).select_from(Application)) == 1


def test_states_come_and_go_and_are_logged_once(session: Session, acme: Company) -> None:
    position = positions.create(session, FULL)
    assert not positions.set_state(session, position, PositionState.OPEN)
    for state in (PositionState.PAUSED, PositionState.CLOSED, PositionState.OPEN):
        assert positions.set_state(session, position, state)
        assert (position.closed_at is not None) == (state is PositionState.CLOSED)
    assert tags_of(session, position)[1:] == [EventTag.POSITION_STATE_SET] * 3


def test_a_file_brings_applications_to_a_closed_position_and_opens_it_not(session: Session, acme: Company) -> None:
    position = positions.create(session, {"title": "営業"})
    positions.set_state(session, position, PositionState.CLOSED)
    session.commit()
    bring(session, acme, herp(HANAKO))
    assert session.scalars(select(Application.position_id)).one() == position.id
    session.refresh(position)
    assert position.state is PositionState.CLOSED


def test_the_posting_says_what_is_missing_in_the_order_of_the_law(session: Session, acme: Company) -> None:
    bare = make_position(session, acme, "購買")
    assert posting.missing(bare) == list(posting.ITEMS)
    full = positions.create(session, FULL | dict.fromkeys(posting.WRITTEN, "あり"))
    assert posting.missing(full) == []
    positions.change(session, full, {"smoking": "", "place": ""})
    assert [item.name for item in posting.missing(full)] == ["place", "smoking"]
    assert "smoking" not in full.posting


@pytest.mark.parametrize(
    "wrong",
    [
        {"salary_per": None},
        {"salary_to": 3_000_000},
        {"salary_from": 0},
        {"headcount": 0},
        {"headcount": 10_000},
        {"state": PositionState.CLOSED},
    ],
)
def test_the_database_holds_no_position_that_contradicts_itself(
    session: Session, acme: Company, wrong: dict[str, Any]
) -> None:
    position = positions.create(session, FULL)
    for name, value in wrong.items():
        setattr(position, name, value)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_a_former_title_of_another_company_leads_nowhere_here(session: Session, acme: Company) -> None:
    position = positions.create(session, FULL)
    positions.change(session, position, {"title": "企業営業"})
    other = session.scalars(select(Company).where(Company.slug == "other")).one()
    with scopes.company(session, other.id):
        made = positions.find_or_make(session, "法人営業")
        assert made is not None
        assert made.company_id == other.id
        assert session.scalars(select(FormerTitle)).all() == []


def test_occupations_are_found_by_parts_of_their_titles() -> None:
    assert [each.title for each in occupations.search("経理")] == ["経理事務", "経理課長"]
    assert occupations.search("ｼｽﾃﾑエンジニア 組込み")[0].title == "システムエンジニア（組込み、IoT）"
    assert len(occupations.search("製造")) == occupations.MAX_FOUND
    assert occupations.search(" ") == occupations.search("該当なし職") == []
    clerk = occupations.named("経理 事務")
    assert clerk is not None
    assert (occupations.get(clerk.id), occupations.get(0), occupations.get(None)) == (clerk, None, None)
