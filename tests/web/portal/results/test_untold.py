"""未連絡: who is listed, how the list is narrowed and paged, and who is ticked."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.hiring import decisions
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    MessageState,
    NotifiedBy,
    RejectionReason,
    scopes,
)
from relay.portal.results import ticks
from tests.statements import counted
from tests.web.portal.conftest import HTMX
from tests.web.portal.desk import Desk


@pytest.fixture
def rejected(session: Session, application: Application) -> Application:
    """髙橋 花子, rejected, and not told."""
    with scopes.company(session, application.company_id):
        decisions.reject(session, application, reason=RejectionReason.SKILLS, by_user_id=None)
    session.commit()
    return application


def names(page: str) -> list[str]:
    return re.findall(r'<a class="who" href="/pool/\d+">([^<]+)</a>', page)


def test_the_list_holds_whoever_is_rejected_and_was_not_told_and_nobody_else(desk: Desk) -> None:
    _in_selection, rejected, told, *ended = desk.people(6)
    rejected.status, rejected.decided_on = ApplicationResult.REJECTED, clock.today()
    told.status, told.decided_on = ApplicationResult.REJECTED, clock.today()
    told.notified_at, told.notified_by = clock.now(), NotifiedBy.ELSEWHERE
    for application, end in zip(
        ended, (ApplicationResult.HIRED, ApplicationResult.WITHDREW, ApplicationResult.DUPLICATE), strict=True
    ):
        application.status, application.decided_on = end, clock.today()
    desk.session.commit()

    page = desk.browser.get("/results").text

    assert names(page) == ["候補 1番"]
    assert "<title>結果をまだ伝えていない方" in page
    assert "見送り（未連絡）" in page
    assert "見送り済み" not in page


def test_who_waits_longest_comes_first_and_pages_lead_on_and_back(desk: Desk) -> None:
    for days, application in enumerate(desk.decided(53)):
        application.applied_on = clock.today() - timedelta(days=days)
    desk.session.commit()

    first = desk.browser.get("/results").text
    assert names(first)[0] == "候補 52番"
    assert len(names(first)) == 50
    following = re.search(r'name="after" value="([^"]+)"', first)
    assert following is not None
    second = desk.browser.get(f"/results?after={following[1]}").text
    assert names(second) == ["候補 2番", "候補 1番", "候補 0番"]
    back = re.search(r'name="before" value="([^"]+)"', second)
    assert back is not None
    assert names(desk.browser.get(f"/results?before={back[1]}").text) == names(first)
    assert names(desk.browser.get("/results?sort=-applied").text)[0] == "候補 0番"


def test_ticks_survive_a_search_a_page_and_the_way_back(desk: Desk) -> None:
    """Whoever is ticked stands in the address, five hundred of them too, and is written to with the others."""
    made = [application.id for application in desk.decided(53)]
    desk.session.commit()
    kept = ticks.written(made[:2])
    found = desk.browser.get("/results", query_string={"q": "52番", "ticks": kept, "id": made[2]}).text
    assert names(found) == ["候補 52番"]
    assert "ほかのページ・ほかの検索で選んだ3名を含みます" in found
    assert f'name="ticks" value="{ticks.written(made[:3])}"' in found
    answer = desk.browser.get("/results", query_string={"ticks": kept, "id": made[2]}, headers=HTMX)
    assert answer.headers["HX-Push-Url"] == f"/results?ticks={ticks.written(made[:3])}"
    assert len(re.findall(r'name="id" value="\d+"[^>]* checked', answer.text)) == 3
    desk.browser.post("/results/drafts", data={"ticks": kept, "id": made[52]})
    assert {draft.subject_id for draft in desk.messages(MessageState.DRAFT)} == {*made[:2], made[52]}


def test_five_hundred_ticks_fit_into_an_address_and_nonsense_is_none() -> None:
    many = [number * 1_999 for number in range(1, 700)]
    assert ticks.read(ticks.written(many)) == many[:500]
    assert len(ticks.written(many)) < 3_000
    for typed in ("", ".", "0", "-1", "zzzzzzzzzzzzzz", "５", "x y", "\x00"):
        assert ticks.read(typed) == []


@pytest.mark.parametrize(
    ("query", "found"), [("q=たかはし", 1), ("q=高橋", 1), ("q=佐藤", 0), ("stage=一次選考", 1), ("stage=役員面接", 0)]
)
def test_it_is_narrowed_by_name_and_stage(desk: Desk, rejected: Application, query: str, found: int) -> None:
    page = desk.browser.get(f"/results?{query}").text
    assert len(names(page)) == found
    assert ("この条件に合う方はいません" in page) is (found == 0)


def test_it_is_narrowed_by_position(desk: Desk, rejected: Application) -> None:
    desk.decided(2)
    assert names(desk.browser.get(f"/results?position={rejected.position_id}").text) == ["髙橋 花子"]


def test_htmx_gets_the_list_alone(ada: FlaskClient, hanako: Candidate) -> None:
    part = ada.get("/results?q=高橋", headers=HTMX)
    assert part.text.lstrip().startswith('<div id="list-body"')
    assert "<html" not in part.text


def test_the_number_of_queries_does_not_grow_with_the_list(desk: Desk) -> None:
    desk.decided(2)
    with counted(db.engine) as few:
        desk.browser.get("/results")
    desk.decided(30)
    with counted(db.engine) as many:
        desk.browser.get("/results")
    assert len(many) == len(few)


def test_a_viewer_sees_the_list_without_anything_to_press(vic: FlaskClient, rejected: Application) -> None:
    page = vic.get("/results").text
    assert "髙橋 花子" in page
    assert "結果連絡を書く" not in page
    assert 'name="id"' not in page


def test_a_stranger_sees_nobody_of_another_company(ada: FlaskClient, stranger: Candidate) -> None:
    assert "他社 太郎" not in ada.get("/results").text


def test_all_that_match_are_ticked_only_when_asked_and_minus_those_unticked(desk: Desk) -> None:
    people = desk.decided(55)
    assert "条件に合う55名すべてを選択" in desk.browser.get("/results").text
    page = desk.browser.get("/results?all=1").text
    assert page.count(" checked") == 50
    shown = re.findall(r'name="shown" value="(\d+)"', page)
    data = {"all": "1", "shown": shown, "id": shown[1:]}

    answer = desk.browser.post("/results/drafts", data=data)

    assert answer.status_code == 303
    drafts = desk.messages(MessageState.DRAFT)
    assert len(drafts) == 54
    assert int(shown[0]) not in {draft.subject_id for draft in drafts}
    assert {draft.subject_id for draft in drafts} < {each.id for each in people}


def test_nobody_ticked_is_said(ada: FlaskClient, hanako: Candidate) -> None:
    answer = ada.post("/results/drafts", data={}, follow_redirects=True)
    assert "結果を伝える方を、一覧から選んでください。" in answer.text


def test_told_elsewhere_asks_for_the_reason_and_then_keeps_people_off_the_list(
    desk: Desk, application: Application
) -> None:
    asked = desk.browser.post("/results/elsewhere", data={"id": application.id})
    assert asked.status_code == 200
    assert "髙橋 花子" in asked.text
    assert desk.again(application).notified_at is None

    refused = desk.browser.post("/results/elsewhere", data={"id": application.id, "confirmed": "1", "reason": ""})
    assert refused.status_code == 422
    assert desk.again(application).status is ApplicationResult.OPEN

    done = desk.browser.post("/results/elsewhere", data={"id": application.id, "confirmed": "1", "reason": "filled"})
    assert done.status_code == 303
    now = desk.again(application)
    assert (now.status, now.notified_by) == (ApplicationResult.REJECTED, NotifiedBy.ELSEWHERE)
    assert names(desk.browser.get("/results").text) == []
    assert desk.messages() == []


def test_a_viewer_records_nothing(vic: FlaskClient, application: Application) -> None:
    form = {"id": application.id, "confirmed": "1", "reason": "filled"}
    assert vic.post("/results/elsewhere", data=form).status_code == 403
    assert vic.post("/results/drafts", data=form).status_code == 403
    assert vic.post("/results/stop").status_code == 403
