"""The page of who fits a position: names with reasons, for whoever may read the pool, and nothing of the selection."""

from datetime import date

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.models import ApplicationResult, Position, PositionState, RejectionReason, scopes
from relay.text.occupations import CREDIT
from tests.cast import Cast, make_application, make_candidate, make_position


def welder(session: Session, cast: Cast) -> Position:
    """A position for a welder, and a welder who was turned down for another."""
    position = make_position(session, cast.acme, "溶接工")
    person = make_candidate(session, cast.acme, "青木 はるか", desired_role="電気溶接工")
    make_application(
        session,
        person,
        stage="最終面接",
        status=ApplicationResult.REJECTED,
        decided_on=date(2025, 11, 1),
        reason=RejectionReason.SKILLS,
    )
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [person.id])
    session.commit()
    return position


def test_a_person_is_listed_with_a_reason_and_with_what_to_check(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    position = welder(session, cast)
    shown = ada.get(f"/positions/{position.id}").text
    assert f"/positions/{position.id}/fits" in shown
    page = ada.get(f"/positions/{position.id}/fits").text
    assert "青木 はるか" in page
    assert "希望職種に「溶接工」とあり、この職種です" in page
    assert "文面を一通ずつ確認してから送ってください" in page
    assert CREDIT in page
    assert "最終面接" not in page and "必要な経験・スキル" not in page


def test_the_page_says_what_is_looked_at_and_what_is_not(session: Session, cast: Cast, ada: FlaskClient) -> None:
    page = ada.get(f"/positions/{welder(session, cast).id}/fits").text
    assert "氏名・年齢・性別、選考の段階・評価・見送りの理由、評価と理由のタグでは並べません" in page
    assert "案内を停止した方" in page and "16歳未満と分かる方" in page
    assert "勤務地・雇用形態・給与のご希望は記録にないため、これらでは除きも並べもしません" in page
    assert "共通する言葉（50点まで）、同じ職種（50点）または近い職種（20点）" in page


def test_a_position_that_is_not_open_lists_nobody(session: Session, cast: Cast, ada: FlaskClient) -> None:
    position = welder(session, cast)
    with scopes.company(session, cast.acme.id):
        position.state, position.closed_at = PositionState.CLOSED, clock.now()
        session.commit()
    page = ada.get(f"/positions/{position.id}/fits").text
    assert "募集中の求人ではありません" in page and "青木 はるか" not in page


def test_another_companys_position_is_not_there(session: Session, cast: Cast, ada: FlaskClient) -> None:
    position = make_position(session, cast.other, "溶接工")
    session.commit()
    assert ada.get(f"/positions/{position.id}/fits").status_code == 404
