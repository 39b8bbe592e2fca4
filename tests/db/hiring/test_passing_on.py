"""リファラル: a position gets a link once all is said; it shows the position while open, and counts by channel."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import runs, undo
from relay.bulk.actions import MergePositions
from relay.extensions import db
from relay.hiring import passing_on, positions, posting
from relay.hiring.passing_on import LinkIncomplete, WayUnreadable
from relay.models import ApplicationResult, Event, EventTag, Position, PositionState, scopes
from tests.bench import plans
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.hiring.test_positions import FULL
from tests.statements import said

WAY = "https://acme.example/jobs/1"
WHOLE: dict[str, Any] = FULL | dict.fromkeys(posting.WRITTEN, "あり") | {"apply_at": WAY}


@pytest.fixture
def cast(session: Session) -> Iterator[Cast]:
    """The cast; the test runs in the scope of Acme."""
    made = make_cast(session)
    with scopes.company(session, made.acme.id):
        yield made


@pytest.fixture
def position(session: Session, cast: Cast) -> Position:
    return positions.create(session, WHOLE)


def code_of(session: Session, position: Position) -> str:
    passing_on.open_link(session, position)
    assert position.link_code
    return position.link_code


def test_a_link_waits_until_all_a_posting_must_say_and_where_one_applies_is_written(
    session: Session, cast: Cast
) -> None:
    written = positions.create(session, WHOLE | {"working_hours": "", "apply_at": None})
    with pytest.raises(LinkIncomplete, match="就業時間、応募先"):
        passing_on.open_link(session, written)
    cast.acme.live_since = None
    positions.change(session, written, {"working_hours": "9:00〜18:00", "apply_at": WAY})
    with pytest.raises(LinkIncomplete, match="本番の送信の開始"):
        passing_on.open_link(session, written)
    assert written.link_code is None
    cast.acme.live_since = clock.now()
    assert passing_on.open_link(session, written)


def test_a_second_press_makes_no_second_link_and_the_log_names_the_position(
    session: Session, position: Position
) -> None:
    code = code_of(session, position)
    assert not passing_on.open_link(session, position)
    assert position.link_code == code
    assert passing_on.close_link(session, position)
    assert not passing_on.close_link(session, position)
    about = session.query(Event.tag).filter_by(subject_kind="position", subject_id=position.id).order_by(Event.id)
    tags = [tag for (tag,) in about]
    assert tags[1:] == [EventTag.POSITION_LINK_OPENED, EventTag.POSITION_LINK_CLOSED]


def test_the_position_is_shown_while_it_is_open_and_whole(session: Session, position: Position) -> None:
    code = code_of(session, position)
    assert passing_on.behind(session, code) is position
    positions.set_state(session, position, PositionState.PAUSED)
    assert passing_on.behind(session, code) is None
    positions.set_state(session, position, PositionState.OPEN)
    positions.change(session, position, {"smoking": ""})
    assert passing_on.behind(session, code) is None
    positions.change(session, position, {"smoking": "敷地内禁煙"})
    assert passing_on.behind(session, code) is position


def test_a_closed_link_stays_closed_and_the_next_is_another(session: Session, position: Position) -> None:
    first = code_of(session, position)
    passing_on.close_link(session, position)
    assert code_of(session, position) != first
    assert passing_on.behind(session, first) is None


def test_a_link_opens_its_own_company_s_position_alone(session: Session, cast: Cast, position: Position) -> None:
    code = code_of(session, position)
    with scopes.company(session, cast.other.id):
        assert passing_on.behind(session, code) is None


def test_a_merge_takes_the_link_away_and_its_undo_brings_it_back(
    session: Session, cast: Cast, position: Position
) -> None:
    code, into = code_of(session, position), make_position(session, cast.acme, "営業")
    done = runs.do_to_carriers(session, cast.acme.id, MergePositions(position.id, into.id), by_user_id=cast.ada.id)
    session.expire_all()
    assert passing_on.behind(session, code) is None
    assert done.entry_id is not None
    undo.undo(session, cast.acme.id, done.entry_id, by_user_id=cast.ada.id)
    found = passing_on.behind(session, code)
    assert found is not None and found.apply_at == WAY


def test_applications_by_it_are_those_whose_channel_says_so(session: Session, cast: Cast, position: Position) -> None:
    for number, channel in enumerate(("リファラル", "社員紹介", "Indeed", "")):
        person = make_candidate(session, cast.acme, email=f"p{number}@mail.example")
        make_application(session, person, position, channel=channel)
    elsewhere = make_position(session, cast.acme, "総務")
    person = make_candidate(session, cast.acme, email="elsewhere@mail.example")
    make_application(
        session, person, elsewhere, channel="リファラル", status=ApplicationResult.REJECTED, decided_on=clock.today()
    )
    with said(db.engine) as statements:
        assert passing_on.came_by_it(session, position.id) == 2
    assert passing_on.came_by_it(session, elsewhere.id) == 1
    session.rollback()
    (plan,) = plans.explained(db.engine, statements, small=False)
    assert "ix_applications_passed_on" in plan, "else every application of the position is read"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://acme.example/jobs?id=1", "https://acme.example/jobs?id=1"),
        ("ａｃｍｅ．ｅｘａｍｐｌｅ／ｊｏｂｓ", "https://acme.example/jobs"),
        ("https://acme.example/~saiyo/新卒–2027", "https://acme.example/~saiyo/新卒–2027"),
        (" ｓａｉｙｏ＠acme.example ", "saiyo@acme.example"),
    ],
)
def test_where_one_applies_is_an_address_of_a_page_or_of_mail(typed: str, kept: str) -> None:
    assert passing_on.way_to_apply(typed) == kept


@pytest.mark.parametrize(
    "typed", ["人事まで", "javascript:alert(1)", "ftp://acme.example/", "https://a@b.example/", "a@"]
)
def test_nothing_else_is(typed: str) -> None:
    with pytest.raises(WayUnreadable):
        passing_on.way_to_apply(typed)
