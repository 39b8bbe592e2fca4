"""Positions on their pages: the list, the form with what is wrong said in words, states, copies, merging, people."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.extensions import db
from relay.hiring import occupations, posting
from relay.models import Application, ApplicationResult, Candidate, EmploymentType, Position, PositionState, scopes
from relay.models.positions import SalaryPeriod
from tests.cast import Cast, browse, make_application, make_candidate, make_position
from tests.statements import counted
from tests.web.portal.conftest import HTMX

SALES = {
    "title": "法人営業",
    "description": "製造業のお客さまへの提案\n見積の作成",
    "required_skills": "法人営業の経験",
    "place": "長野県岡谷市",
    "employment": "regular",
    "salary_per": "year",
    "salary_from": "４００万",
    "salary_to": "6,000,000円",
    "headcount": "2名",
    "working_hours": "9:00〜18:00",
}


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def only(session: Session, cast: Cast) -> Position:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Position).order_by(Position.id.desc()).limit(1)).one()


def marks_of(page: TestResponse) -> dict[str, str]:
    found = re.search(r'name="opened" value="([^"]*)"', page.text)
    assert found
    return {"opened": unescape(found[1])}


def test_a_position_is_written_and_read_again(session: Session, cast: Cast, ada: FlaskClient) -> None:
    clerk = occupations.search("営業 商社")[0]
    answer = ada.post("/positions/new", data=SALES | {"occupation": "商社", "occupation_id": str(clerk.id)})
    made = only(session, cast)
    assert answer.headers["Location"] == f"/positions/{made.id}"
    assert (made.salary_from, made.salary_to, made.headcount) == (4_000_000, 6_000_000, 2)
    assert (made.employment, made.salary_per) == (EmploymentType.REGULAR, SalaryPeriod.YEAR)
    page = unescape(ada.get(f"/positions/{made.id}").text)
    for words in (
        "法人営業",
        "募集中",
        "年収400万円〜600万円",
        "2名",
        "9:00〜18:00",
        clerk.title,
        str(occupations.CREDIT),
    ):
        assert words in page
    form = unescape(ada.get(f"/positions/{made.id}/edit").text)
    assert re.search(rf'value="{clerk.id}" checked', form)
    assert 'value="400万円"' in form
    assert str(occupations.CREDIT) in form


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": "　"}, "求人の名前を入力してください。"),
        ({"title": "あ" * 201}, "200文字までで入力してください。"),
        ({"salary_from": "応相談"}, "「応相談」は金額として読めません。"),
        ({"salary_from": "700万"}, "上限が下限より低くなっています。"),
        ({"salary_per": ""}, "金額が、年収・月給・日給・時給のどれかを選んでください。"),
        ({"headcount": "若干名"}, "「若干名」は人数として読めません。"),
        ({"headcount": "0"}, "「0」は人数として読めません。"),
        ({"apply_at": "人事まで"}, "応募先を読み取れませんでした。"),
        ({"apply_at": "javascript://x.example/%0aalert(1)"}, "応募先を読み取れませんでした。"),
        ({"apply_at": "saiyo@@acme.example"}, "@"),
        ({"employment": "nonsense"}, "「雇用形態」を、並んでいる中から選んでください。"),
        ({"occupation": "営業"}, "「営業」に近い職種を下に並べました。"),
        ({"occupation": "ｗｗｗ"}, "「ｗｗｗ」に当てはまる職種は見つかりません。"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    session: Session, cast: Cast, ada: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    refused = ada.post("/positions/new", data=SALES | wrong)
    assert refused.status_code == 422
    page = unescape(refused.text)
    assert "まだ保存していません" in page
    assert said in page
    assert "製造業のお客さまへの提案" in page
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Position)).all() == []


def test_an_occupation_is_found_while_typing_and_by_its_full_title_without_script(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    part = ada.get("/positions/occupations?occupation=経理", headers=HTMX).text
    assert part.count('type="radio"') == 3
    assert "checked" not in part
    assert "経理事務" in part
    assert "見つかりません" in ada.get("/positions/occupations?occupation=ｗｗｗ", headers=HTMX).text
    kept = ada.get("/positions/occupations?occupation=営業&occupation_id=430", headers=HTMX).text
    assert re.search(r'value="430" checked', kept), "what is chosen stays to be kept"
    listed = unescape(ada.post("/positions/new", data=SALES | {"occupation": "経理"}).text)
    assert listed.count('name="occupation_id"') == 3
    ada.post("/positions/new", data=SALES | {"occupation": "経理事務"})
    assert only(session, cast).occupation_id == 430


def test_a_part_of_the_form_changes_that_part(session: Session, cast: Cast, ada: FlaskClient) -> None:
    ada.post("/positions/new", data=SALES)
    made = only(session, cast)
    assert ada.post(f"/positions/{made.id}/edit", data={"place": "東京都"}).status_code == 303
    changed = only(session, cast)
    assert (changed.place, changed.description, changed.headcount) == (
        "東京都",
        "製造業のお客さまへの提案\n見積の作成",
        2,
    )
    ada.post(f"/positions/{made.id}/edit", data={"headcount": "", "working_hours": ""})
    emptied = only(session, cast)
    assert (emptied.headcount, emptied.posting) == (None, {})


def test_the_second_to_save_sees_both_values_and_chooses(
    session: Session, cast: Cast, ada: FlaskClient, adam: FlaskClient
) -> None:
    ada.post("/positions/new", data=SALES)
    here = f"/positions/{only(session, cast).id}/edit"
    hers, his = marks_of(ada.get(here)), marks_of(adam.get(here))
    ada.post(here, data=SALES | hers | {"place": "東京都", "salary_to": "650万"})
    refused = adam.post(here, data=SALES | his | {"place": "松本市", "headcount": "3"})
    assert refused.status_code == 409
    page = unescape(refused.text)
    assert "この画面を開いたあとに、別の方が保存しました" in page
    assert set(re.findall(r'name="keep-(\w+)"', page)) == {"place", "salary_to"}
    assert "650万円" in page
    assert only(session, cast).place == "東京都"
    chosen = {
        f"keep-{name}": re.search(rf'name="keep-{name}" value="({way}:\w+)"', page)[1]  # type: ignore[index]
        for name, way in (("place", "typed"), ("salary_to", "saved"))
    }
    assert adam.post(here, data=SALES | his | {"place": "松本市", "headcount": "3"} | chosen).status_code == 303
    saved = only(session, cast)
    assert (saved.place, saved.headcount, saved.salary_to) == ("松本市", 3, 6_500_000)


def test_a_title_that_is_there_is_refused_and_merging_is_named(session: Session, cast: Cast, ada: FlaskClient) -> None:
    ada.post("/positions/new", data=SALES)
    again = ada.post("/positions/new", data=SALES | {"title": "法人 営業"})
    assert again.status_code == 422
    assert "「法人営業」という求人は、すでにあります。" in unescape(again.text)
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).select_from(Position)) == 1


def test_a_copy_begins_with_everything_but_the_title(session: Session, cast: Cast, ada: FlaskClient) -> None:
    ada.post("/positions/new", data=SALES)
    made = only(session, cast)
    page = unescape(ada.get(f"/positions/new?of={made.id}").text)
    assert "「法人営業」の内容を写しました" in page
    assert re.search(r'id="title"[^>]*value=""', page)
    for words in ("製造業のお客さまへの提案", 'value="400万円"', 'value="9:00〜18:00"'):
        assert words in page
    assert ada.get("/positions/new?of=999999").status_code == 404


def test_states_are_changed_and_a_closed_one_is_offered_no_more(session: Session, cast: Cast, ada: FlaskClient) -> None:
    ada.post("/positions/new", data=SALES)
    made = only(session, cast)
    here = f"/positions/{made.id}"
    paused = ada.post(f"{here}/state", data={"state": "paused"}, follow_redirects=True).text
    assert "「法人営業」の募集を停止しました" in unescape(paused)
    assert "法人営業" in ada.get("/pool/new").text
    for _twice in range(2):
        closed = ada.post(f"{here}/state", data={"state": "closed"}, follow_redirects=True).text
    assert "取り込んで新しい応募が届いたときは、この求人に記録し、募集は終了のままです" in unescape(closed)
    assert "法人営業" not in ada.get("/pool/new").text
    assert "法人営業" in ada.get("/positions?state=closed").text
    assert "法人営業" not in ada.get("/positions?state=open").text
    assert "「募集中」の求人はありません" in ada.get("/positions?state=open").text
    ada.post(f"{here}/state", data={"state": "open"})
    assert only(session, cast).state is PositionState.OPEN
    odd = ada.post(f"{here}/state", data={"state": "gone"}, follow_redirects=True)
    assert "何も変わっていません" in odd.text
    assert only(session, cast).state is PositionState.OPEN


def test_closing_leaves_those_in_selection_there_and_says_so(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    made = only(session, cast)
    page = ada.get(f"/positions/{made.id}").text
    assert "いま選考中の方が1名います。" in page
    ada.post(f"/positions/{made.id}/state", data={"state": "closed"})
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Application.status)).all() == [ApplicationResult.OPEN]
    assert "髙橋 花子" in ada.get(f"/positions/{made.id}").text


def test_people_in_the_selection_are_listed_by_stage_and_page_by_page(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    made = only(session, cast)
    for number in range(52):
        candidate = make_candidate(session, cast.acme, f"選考 {number:02d}", email=f"s{number}@mail.example")
        make_application(session, candidate, made, stage="最終面接")
    gone = make_candidate(session, cast.acme, "見送 太郎", email="gone@mail.example")
    make_application(session, gone, made, status=ApplicationResult.REJECTED, decided_on=clock.today())
    session.commit()
    here = f"/positions/{made.id}"
    page = ada.get(here).text
    assert ("選考 51" in page, "髙橋 花子" in page, "見送 太郎" in page) == (True, False, False)
    assert '見送り <span class="num">1</span>' in page
    older = unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])  # type: ignore[index]
    assert "髙橋 花子" in ada.get(older).text
    first = ada.get(f"{here}?stage=一次選考").text
    assert ("髙橋 花子" in first, "選考 51" in first) == (True, False)
    assert ada.get(f"{here}?before=1").status_code == 302


def test_the_page_takes_as_many_statements_for_many_people_as_for_one(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    made = only(session, cast)
    here = f"/positions/{made.id}"
    for _time in range(2):
        with counted(db.engine) as one:
            ada.get(here)
    for number in range(20):
        candidate = make_candidate(session, cast.acme, f"選考 {number}", email=f"s{number}@mail.example")
        make_application(session, candidate, made)
    session.commit()
    ada.get(here)
    with counted(db.engine) as many:
        ada.get(here)
    assert len(many) == len(one)


def test_what_a_posting_lacks_is_listed_calmly_and_leads_to_its_field(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    ada.post("/positions/new", data={"title": "購買", "place": "岡谷市"})
    made = only(session, cast)
    page = ada.get(f"/positions/{made.id}").text
    lacking = [item for item in posting.ITEMS if item.name != "place"]
    assert f"まだ入力していない項目が{len(lacking)}件あります。" in page
    form = ada.get(f"/positions/{made.id}/edit").text
    for item in lacking:
        assert f'/edit#{item.name}">{item.label}</a>' in page
        assert f'id="{item.name}"' in form
    assert "notice" not in page.split('id="posting-h"')[1].split("</section>")[0]
    everything = dict.fromkeys(posting.WRITTEN, "なし") | SALES | {"title": "購買"}
    ada.post(f"/positions/{made.id}/edit", data=everything)
    assert "は、すべて入力されています。" in ada.get(f"/positions/{made.id}").text


def test_contents_carry_their_day_and_ask_for_a_look_after_thirty(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    ada.post("/positions/new", data=SALES)
    made = only(session, cast)
    old = "内容を確認してから30日がたちました"
    for days, asks in ((30, False), (31, True)):
        with scopes.company(session, cast.acme.id):
            session.execute(update(Position).values(confirmed_on=clock.today() - timedelta(days=days)))
        session.commit()
        assert (old in ada.get(f"/positions/{made.id}").text) == asks
    same = ada.post(f"/positions/{made.id}/edit", data=SALES, follow_redirects=True).text
    assert "内容は今日確認したものとして記録しました" in same
    assert old not in same
    day = clock.today()
    assert f"{day.year}年{day.month}月{day.day}日時点の内容" in same


def test_a_position_a_file_made_says_that_it_is_a_name_alone(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    assert "名前だけの求人です" in ada.get("/positions").text
    made = only(session, cast)
    assert "まだ入力されていません" in ada.get(f"/positions/{made.id}").text
    ada.post(f"/positions/{made.id}/edit", data={"place": "岡谷市"})
    assert "名前だけの求人です" not in ada.get("/positions").text


def test_two_become_one_and_two_again_by_one_click(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    made_id = only(session, cast).id
    ada.post("/positions/new", data=SALES)
    into_id = only(session, cast).id
    here = f"/positions/{made_id}/merge"
    assert "この求人の応募1件は、選考の記録ごと、まとめる先の求人に移ります。" in ada.get(here).text
    for name in ("経理", "ない求人", ""):
        refused = ada.post(here, data={"into": name})
        assert refused.status_code == 422
        assert "まとめる先を、いまあるほかの求人の中から選んでください。何も変わっていません。" in refused.text
    answer = ada.post(here, data={"into": "法人 営業"})
    assert answer.headers["Location"] == f"/positions/{into_id}"
    page = ada.get(f"/positions/{into_id}").text
    assert "「経理」を「法人営業」にまとめました" in unescape(page)
    assert "髙橋 花子" in page
    assert "ファイルに次の名前があるときも、この求人に入ります：経理" in page
    assert ada.get(f"/positions/{made_id}").status_code == 404
    assert ada.post(here, data={"into": "法人営業"}).status_code == 404, "sent twice"
    activity = ada.get("/pool/activity").text
    assert "求人を「法人営業」にまとめた（1名）" in activity
    undo = re.search(r'action="(/pool/activity/\d+/undo)', activity)
    assert undo
    ada.post(undo[1])
    assert "髙橋 花子" in ada.get(f"/positions/{made_id}").text


def test_whoever_may_only_look_sees_no_way_to_change(
    session: Session, cast: Cast, vic: FlaskClient, hanako: Candidate
) -> None:
    made = only(session, cast)
    page = vic.get(f"/positions/{made.id}").text
    assert "髙橋 花子" in page
    for gone in ("/edit", "/state", "/merge", "/positions/new"):
        assert gone not in page
    assert "/positions/new" not in vic.get("/positions").text
    assert vic.post("/positions/new", data=SALES).status_code == 403


def test_another_companys_position_is_not_there(session: Session, cast: Cast, ada: FlaskClient) -> None:
    theirs = make_position(session, cast.other, "他社の求人")
    session.commit()
    for path in ("", "/edit", "/merge"):
        assert ada.get(f"/positions/{theirs.id}{path}").status_code == 404
    assert "他社の求人" not in ada.get("/positions").text
