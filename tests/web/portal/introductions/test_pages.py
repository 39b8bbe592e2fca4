"""Asking for an introduction in a browser: six taps, what blocks it, one request for two presses, and its endings."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interviews, positions, slots
from relay.hiring.interviews import CalledOffBy
from relay.introductions import endings, guarantees, promises
from relay.introductions.endings import Fault
from relay.models import (
    Application,
    ApplicationResult,
    DeclineReason,
    IntroductionRequest,
    IntroductionState,
    Partnership,
    PositionState,
    scopes,
)
from tests.cast import Cast, browse, make_application, make_candidate, make_cast, make_partner, make_partnership
from tests.db.introductions import build
from tests.db.introductions.build import GUARANTEE, Desk, first_time

TYPED = {"kind": "casual", "meets_with": "採用担当者", "minutes": "30", "form": "online"}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast)


@pytest.fixture
def ada(app: Flask, cast: Cast, desk: Desk) -> FlaskClient:
    return browse(app, cast.ada)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page to review."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return {name: value for name, value in found.items() if name != "csrf_token"}


def reviewed(ada: FlaskClient, desk: Desk) -> dict[str, str]:
    ask = f"/introductions/new/{desk.position.id}"
    assert ada.get(ask).status_code == 200
    page = ada.post(ask, data=TYPED | {"partner": str(desk.partner.id)})
    assert page.status_code == 200, page.text
    return hidden(page.text)


def test_from_the_position_it_takes_three_taps(ada: FlaskClient, desk: Desk) -> None:
    session = desk.session
    guarantees.set_usual(session, desk.company.id, GUARANTEE, by_user_id=None)
    session.commit()
    ask = f"/introductions/new/{desk.position.id}"
    assert f'href="{ask}"' in ada.get(f"/positions/{desk.position.id}").text
    form = ada.get(ask).text
    assert "今年申し込める件数はあと12件" in form
    assert 'value="採用担当者と配属先の課長"' in form, "the usual guarantee is filled in"
    only = rf'<input(?=[^>]*name="partner")(?=[^>]*value="{desk.partner.id}")[^>]* checked'
    assert re.search(only, form), "the only one"
    done = ada.post("/introductions/requests", data=reviewed(ada, desk))
    assert done.status_code == 303
    shown = ada.get(done.location).text
    assert "tsumugiエージェント株式会社の番です（" in shown
    assert desk.ledger() == ["earned", "reserved"]


def test_the_review_says_the_rule_of_each_ending_and_the_posting(ada: FlaskClient, desk: Desk) -> None:
    ask = f"/introductions/new/{desk.position.id}"
    page = ada.post(ask, data=TYPED | {"partner": str(desk.partner.id)}).text
    assert "ご本人が見送ると、もう一度、紹介会社の番（5営業日）になります" in page
    rules = ("5営業日以内", "14日以内", "自動で返却されます", "自社の都合であれば使用したまま", "再応募として扱い")
    for said in (*rules, "休憩時間"):
        assert said in page
    assert desk.ledger() == ["earned"], "a look sets nothing aside"


def test_two_presses_set_one_credit_aside(ada: FlaskClient, desk: Desk) -> None:
    build.earn(desk.session, desk.company, 1)
    desk.session.commit()
    data = reviewed(ada, desk)
    first, second = (ada.post("/introductions/requests", data=data) for _press in range(2))
    assert first.location == second.location
    assert desk.ledger().count("reserved") == 1


def test_a_position_that_lacks_something_leads_to_it_and_is_not_asked_for(ada: FlaskClient, desk: Desk) -> None:
    data = reviewed(ada, desk)
    with scopes.company(desk.session, desk.company.id):
        positions.change(desk.session, desk.position, {"breaks": ""})
    desk.session.commit()
    page = ada.get(f"/introductions/new/{desk.position.id}").text
    assert "先に、次のものを求人に入力してください" in page
    assert "休憩時間" in page
    refused = ada.post("/introductions/requests", data=data)
    assert refused.status_code == 409
    assert "紹介枠もそのままです" in refused.text
    assert desk.ledger() == ["earned"]


def test_wrong_input_keeps_what_was_typed(ada: FlaskClient, desk: Desk) -> None:
    ask = f"/introductions/new/{desk.position.id}"
    page = ada.post(ask, data=TYPED | {"partner": "", "meets_with": "", "minutes": "45"})
    assert page.status_code == 422
    assert "紹介会社を選んでください。" in page.text
    assert "お会いする人を入力してください。" in page.text
    assert re.search(r'<option selected value="45">', page.text)


def test_cancelling_gives_the_credit_back_and_saying_it_twice_says_so(ada: FlaskClient, desk: Desk) -> None:
    request = desk.ask()
    path = f"/introductions/requests/{request.id}"
    assert ada.post(f"{path}/cancellation").status_code == 303
    assert "返却" in ada.get(path).text
    ada.post(f"{path}/cancellation")
    assert "すでに先へ進んだか、終わっています" in ada.get(path).text
    assert desk.ledger() == ["earned", "reserved", "released"]


def test_after_a_decline_the_next_partner_is_one_tap_away_with_the_same_guarantee(ada: FlaskClient, desk: Desk) -> None:
    other = make_partner(desk.session, "other-agency")
    promised = make_partnership(desk.session, desk.company, other)
    promised.free_introductions_per_year, promised.fee_table_allows_on = 2, clock.today()
    desk.session.commit()
    request = desk.ask()
    endings.decline(
        desk.session,
        desk.company.id,
        request.id,
        partner_id=desk.partner.id,
        reason=DeclineReason.CONDITIONS,
        advice="年収の幅を広げてみてください。",
    )
    desk.session.commit()
    page = ada.get(f"/introductions/requests/{request.id}").text
    assert "年収の幅を広げてみてください。" in page
    assert "other-agencyエージェント株式会社への依頼を確認する" in page
    assert f'action="/introductions/new/{desk.position.id}"' in page
    review = ada.post(f"/introductions/new/{desk.position.id}", data=hidden(page))
    assert review.status_code == 200, review.text
    for kept in ("other-agencyエージェント株式会社", GUARANTEE.meets_with):
        assert kept in review.text
    ada.post("/introductions/requests", data=hidden(review.text))
    assert "ほかに依頼できる紹介会社は、いまありません" not in ada.get(f"/introductions/requests/{request.id}").text


def test_after_a_decline_without_another_partner_that_is_said(ada: FlaskClient, desk: Desk) -> None:
    request = desk.ask()
    nobody = {"partner_id": desk.partner.id, "reason": DeclineReason.FIELD, "advice": ""}
    endings.decline(desk.session, desk.company.id, request.id, **nobody)
    desk.session.commit()
    page = ada.get(f"/introductions/requests/{request.id}").text
    assert "ほかに依頼できる紹介会社は、いまありません。紹介枠はそのまま残ります。" in page
    assert "見合わせ" in page and "辞退" not in page
    assert desk.free() == 1


def test_without_a_credit_the_list_says_how_far_it_is_and_the_way_from_credits_leads_to_the_positions(
    ada: FlaskClient, desk: Desk
) -> None:
    assert 'href="/introductions/new"' in ada.get("/credits").text
    desk.ask()
    page = ada.get("/introductions").text
    assert "空いている紹介枠：0件・次の紹介枠まで、あと10名" in page
    assert 'href="/introductions/new"' not in page
    refused = ada.post(f"/introductions/new/{desk.position.id}", data=TYPED | {"partner": str(desk.partner.id)})
    assert refused.status_code == 422 and "空いている紹介枠がありません" in refused.text


def test_where_no_agency_takes_credits_it_says_what_to_ask_of_the_partners(
    app: Flask, cast: Cast, ada: FlaskClient, desk: Desk
) -> None:
    with scopes.company(desk.session, desk.company.id):
        desk.session.execute(update(Partnership).values(fee_table_allows_on=None))
    desk.session.commit()
    for path in ("/introductions", f"/introductions/new/{desk.position.id}"):
        for who, leads in ((ada, False), (browse(app, cast.adam), True)):
            page = who.get(path).text
            assert "「無料紹介の件数（1年）」と手数料0円を確認すると使えます" in page
            assert ("提携先の状態を見る" in page) is leads, "settings open for admins alone"


def test_an_interview_is_recorded_from_home(app: Flask, cast: Cast, ada: FlaskClient, desk: Desk) -> None:
    request = desk.ask()
    desk.yes(desk.link(request))
    path = f"/introductions/requests/{request.id}"
    assert path not in ada.get("/").text
    with clock.at(first_time(desk.session, desk.position) + timedelta(hours=1)):
        ada = browse(app, cast.ada)
        assert path in ada.get("/").text
        ada.post(f"{path}/interview", data={"what": "nonsense"})
        assert desk.now(request).state is IntroductionState.ACCEPTED
        ada.post(f"{path}/interview", data={"what": "held"})
        assert path not in ada.get("/").text
    assert desk.now(request).state is IntroductionState.HELD


def test_home_says_of_a_request_whose_person_can_pick_no_time(ada: FlaskClient, desk: Desk) -> None:
    make_candidate(desk.session, desk.company, "朝倉 澪")
    request = desk.ask()
    desk.link(request)
    assert "紹介された方が日時を選べない求人" not in ada.get("/").text
    empty(desk)
    desk.session.commit()
    home = ada.get("/").text
    assert "に、選べる候補日時がありません" in home
    assert f'href="/positions/{desk.position.id}/times"' in home
    due = desk.now(request).due_on
    assert due is not None and f"{due.month}/{due.day}まで" in home
    halt(desk)
    desk.session.commit()
    assert "の募集が止まっています" in ada.get("/").text
    endings.cancel(desk.session, desk.company.id, request.id)
    desk.session.commit()
    assert "紹介された方が日時を選べない求人" not in ada.get("/").text


def test_home_says_until_when_a_no_can_be_answered(app: Flask, cast: Cast, ada: FlaskClient, desk: Desk) -> None:
    request = desk.ask()
    desk.yes(desk.link(request))
    endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.COMPANY)
    desk.session.commit()
    assert "ご本人の返事への説明" not in ada.get("/").text
    promises.asked_of_candidate(desk.session, desk.company.id, request.id, kept=False)
    desk.session.commit()
    last = (clock.now() + promises.ANSWER_WITHIN).astimezone(clock.JAPAN)
    home = ada.get("/").text
    assert "ご本人の返事への説明" in home and f"{last.month}/{last.day}まで" in home
    assert f'href="/introductions/requests/{request.id}"' in home
    with clock.at(clock.now() + promises.ANSWER_WITHIN):
        assert "ご本人の返事への説明" not in browse(app, cast.ada).get("/").text
    ada.post(f"/introductions/requests/{request.id}/answer", data={"answer": "開始が10分遅れました。"})
    assert "ご本人の返事への説明" not in ada.get("/").text


def held_request(desk: Desk) -> IntroductionRequest:
    request = desk.ask()
    desk.yes(desk.link(request))
    with clock.at(first_time(desk.session, desk.position) + timedelta(hours=1)):
        endings.interview_held(desk.session, desk.company.id, request.id)
        desk.session.commit()
    return request


def test_a_hire_is_recorded_where_the_interview_was_and_taken_back(ada: FlaskClient, desk: Desk) -> None:
    path = f"/introductions/requests/{held_request(desk).id}"
    page = ada.get(path).text
    assert "日付は今日になります" in page
    data = {"seen": hidden(page)["seen"]}
    first = ada.post(f"{path}/hire", data=data, follow_redirects=True).text
    assert "入社を記録しました" in first and "元に戻す" in first
    second = ada.post(f"{path}/hire", data=data, follow_redirects=True).text
    assert "入社を記録しました" in second and "元に戻す" not in second
    with scopes.company(desk.session, desk.company.id):
        assert list(desk.session.scalars(select(Application.status))) == [ApplicationResult.HIRED]


def test_a_hire_is_not_recorded_over_what_was_changed_meanwhile(ada: FlaskClient, desk: Desk) -> None:
    request = held_request(desk)
    path = f"/introductions/requests/{request.id}"
    seen = hidden(ada.get(path).text)["seen"]
    with scopes.company(desk.session, desk.company.id):
        desk.session.execute(update(Application).values(stage="最終"))
    desk.session.commit()
    refused = ada.post(f"{path}/hire", data={"seen": seen}, follow_redirects=True).text
    assert "ほかの画面から変更されました" in refused
    assert desk.now(request).state is IntroductionState.HELD


def test_no_hire_is_recorded_where_nobody_was_met(ada: FlaskClient, desk: Desk) -> None:
    path = f"/introductions/requests/{desk.ask().id}"
    assert "入社を記録する" not in ada.get(path).text
    assert "すでに先へ進んだか、終わっています" in ada.post(f"{path}/hire", data={}, follow_redirects=True).text


def test_home_leads_straight_to_the_positions(ada: FlaskClient, desk: Desk) -> None:
    make_candidate(desk.session, desk.company, "朝倉 澪")
    desk.session.commit()
    assert 'href="/introductions/new"' in ada.get("/").text


def test_the_persons_fault_is_offered_once_they_were_awaited(
    app: Flask, cast: Cast, ada: FlaskClient, desk: Desk
) -> None:
    request = desk.ask()
    desk.yes(desk.link(request))
    path = f"/introductions/requests/{request.id}"
    assert 'value="person"' not in ada.get(path).text
    refused = ada.post(f"{path}/interview", data={"what": "person"}, follow_redirects=True).text
    assert "「ご本人の都合」は、面談の時刻が過ぎてから記録できます" in refused
    with clock.at(first_time(desk.session, desk.position) + timedelta(hours=1)):
        assert 'value="person"' in browse(app, cast.ada).get(path).text


def test_the_page_says_that_its_word_brings_no_credit_back_where_it_called_off(ada: FlaskClient, desk: Desk) -> None:
    request = desk.ask()
    invitation_id = desk.yes(desk.link(request)).introduction.invitation_id
    path = f"/introductions/requests/{request.id}"
    assert "自社が面談の日時を取り消したあとや、見送りで選考を終えたあとは" in ada.get(path).text
    with scopes.company(desk.session, desk.company.id):
        interviews.call_off(desk.session, invitation_id or 0, CalledOffBy.COMPANY)
    desk.session.commit()
    said = ada.post(f"{path}/interview", data={"what": "person"}, follow_redirects=True).text
    assert "面談の日時を取り消したのは自社であるか" in said and "紹介枠は使用したままです。" in said
    assert desk.free() == 0


def test_a_company_answers_a_no(ada: FlaskClient, desk: Desk) -> None:
    request = desk.ask()
    desk.yes(desk.link(request))
    endings.interview_failed(desk.session, desk.company.id, request.id, by=Fault.COMPANY)
    promises.asked_of_candidate(desk.session, desk.company.id, request.id, kept=False)
    desk.session.commit()
    path = f"/introductions/requests/{request.id}"
    assert "約束どおりの面談ではなかった" in ada.get(path).text
    ada.post(f"{path}/answer", data={"answer": "開始が10分遅れました。"})
    assert "自社の説明：開始が10分遅れました。" in ada.get(path).text


def test_the_usual_guarantee_is_kept(ada: FlaskClient, desk: Desk) -> None:
    assert ada.post("/introductions/guarantee", data=TYPED | {"meets_with": ""}).status_code == 422
    assert ada.post("/introductions/guarantee", data=TYPED).status_code == 303
    assert 'value="採用担当者"' in ada.get("/introductions/guarantee").text


def test_the_list_says_whose_turn_each_is(ada: FlaskClient, desk: Desk) -> None:
    request = desk.ask()
    desk.link(request)
    page = ada.get("/introductions").text
    assert "ご本人の番です（" in page
    assert "確保中" in page


def empty(desk: Desk) -> None:
    """Nobody offers a time any more."""
    with scopes.company(desk.session, desk.company.id):
        for slot in slots.free(desk.session, desk.position.id):
            desk.session.delete(slot)


def halt(desk: Desk) -> None:
    with scopes.company(desk.session, desk.company.id):
        positions.set_state(desk.session, desk.position, PositionState.PAUSED)


@pytest.mark.parametrize(
    ("change", "turn"),
    [
        (empty, "まで）：紹介された方の選べる日時がありません"),
        (halt, "まで）：募集が止まっているあいだ、紹介リンクは開けません"),
    ],
)
def test_where_a_person_finds_nothing_behind_a_link_it_is_the_companys_turn(
    ada: FlaskClient, desk: Desk, change: Callable[[Desk], None], turn: str
) -> None:
    request = desk.ask()
    desk.link(request)
    change(desk)
    desk.session.commit()
    for page in ("/introductions", f"/introductions/requests/{request.id}"):
        shown = ada.get(page).text
        assert "自社の番です（" in shown and turn in shown and "ご本人の番です" not in shown


def test_once_called_off_without_other_times_it_is_the_companys_turn(ada: FlaskClient, desk: Desk) -> None:
    desk.yes(desk.link(desk.ask()))
    with scopes.company(desk.session, desk.company.id):
        [interview] = interviews.coming(desk.session)
        interviews.call_off(desk.session, interview.id, CalledOffBy.COMPANY)
    desk.session.commit()
    assert "ご本人が日時を選び直す番です（" in ada.get("/introductions").text
    empty(desk)
    desk.session.commit()
    assert "自社の番です（候補日時の追加、" in ada.get("/introductions").text


def test_no_time_of_the_promised_length_is_said_before_the_credit_is_set_aside(ada: FlaskClient, desk: Desk) -> None:
    typed = TYPED | {"partner": str(desk.partner.id), "minutes": "60"}
    page = ada.post(f"/introductions/new/{desk.position.id}", data=typed)
    assert page.status_code == 422 and "60分の面談の候補日時がない" in page.text
    assert desk.ledger() == ["earned"]


def test_a_reapplication_says_that_no_credit_was_used(ada: FlaskClient, desk: Desk) -> None:
    make_application(desk.session, make_candidate(desk.session, desk.company, "花野 咲", email="saki@mail.example"))
    desk.session.commit()
    request = desk.ask()
    desk.yes(desk.link(request))
    page = f"/introductions/requests/{request.id}"
    shown = ada.get(page).text
    assert "再応募として受け付けました。紹介枠は使われていません" in shown
    assert "面談の予定です（" in shown and "使用したまま" not in shown and "（紹介枠は戻ります）" not in shown
    told = ada.post(f"{page}/interview", data={"what": "company"}, follow_redirects=True).text
    assert "再応募のため、紹介枠は使われていません" in told
    assert desk.free() == 1 and desk.ledger() == ["earned", "reserved", "released"]


def test_who_may_only_look_can_ask_for_nothing(app: Flask, cast: Cast, desk: Desk) -> None:
    vic = browse(app, cast.vic)
    request = desk.ask()
    page = vic.get(f"/introductions/requests/{request.id}").text
    assert "依頼を取り消す" not in page
    assert vic.post(f"/introductions/requests/{request.id}/cancellation").status_code == 403
