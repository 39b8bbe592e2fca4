"""An agency's lead says how many free introductions it makes for a company, and that its fee table allows them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Partnership, Role, scopes
from relay.network import partners
from tests.cast import Cast, browse, make_cast, make_user
from tests.db.network.test_honouring import honoured_of
from tests.web.landing.phone import words

LIST, BOXES = "/agency/companies", {"fee_table": "y", "no_fee": "y"}
UNSAID = "まだ確認されていません（確認するまで、企業は紹介枠を使えません）"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


def page_of(cast: Cast) -> str:
    return f"/account/companies/{cast.acme.id}/introductions"


def honoured(session: Session, cast: Cast) -> int:
    session.expire_all()
    return honoured_of(session, cast.acme.id, cast.tsumugi.id)


def long_today() -> str:
    today = clock.today()
    return f"{today.year}年{today.month}月{today.day}日"


def test_both_sides_read_number_and_day_and_the_agency_the_name(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    asked = words(agnes.get(page_of(cast)))
    assert "当社の手数料表に、この無料紹介（手数料0円）を定めています" in asked
    assert "採用が決まっても紹介手数料は0円です" in asked
    assert "企業に見えるのは日付だけです" in asked

    answer = agnes.post(page_of(cast), data={"free_introductions": "３", **BOXES})
    assert (answer.status_code, answer.location) == (303, LIST)
    assert honoured(session, cast) == 3
    own = words(agnes.get(LIST))
    assert "無料紹介の件数（1年）3件まで" in own and f"{long_today()}に{cast.agnes.name}が確認" in own
    companys = words(browse(app, cast.adam).get("/settings/partners"))
    assert "無料紹介の件数（1年）3件まで" in companys and f"{long_today()}に提携先が確認" in companys
    assert cast.agnes.name not in companys
    assert "今年申し込める件数3件" in companys
    assert f"{clock.today().year}年の無料紹介あと3件まで受け付け（進行中0件、面談済み0件、見合わせ0件）" in own
    statement = words(browse(app, cast.vic).get("/credits"))
    assert "今年申し込める件数 3件" in statement and "紹介会社の画面にも、同じ数が表示されます" in statement
    assert "採用が決まっても、紹介手数料は0円です" in statement


def test_a_number_said_while_joining_waits_for_the_fee_table(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    with scopes.company(session, cast.acme.id):
        session.execute(
            update(Partnership).where(Partnership.partner_id == cast.tsumugi.id).values(free_introductions_per_year=2)
        )
    session.commit()
    nobody = "いま、紹介枠を使える紹介会社はありません"
    assert nobody in words(browse(app, cast.ada).get("/credits"))
    assert UNSAID in words(agnes.get(LIST)) and page_of(cast) in agnes.get(LIST).text
    assert "提携先の確認待ち（それまで紹介枠は使えません）" in words(browse(app, cast.adam).get("/settings/partners"))
    assert 'value="2"' in agnes.get(page_of(cast)).text
    agnes.post(page_of(cast), data={"free_introductions": "2", **BOXES})
    assert UNSAID not in words(agnes.get(LIST))
    assert nobody not in words(browse(app, cast.ada).get("/credits"))
    assert "checked" not in agnes.get(page_of(cast)).text, "the boxes are ticked anew with each number"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"free_introductions": "2"}, "手数料表を確認してチェックを入れてください"),
        ({"free_introductions": "2", "fee_table": "y"}, "手数料0円を確認してチェックを入れてください"),
        ({"free_introductions": "たくさん", **BOXES}, "0から99までの数字を入力してください"),
        ({"free_introductions": "100", **BOXES}, "0から99までの数字を入力してください"),
        ({**BOXES}, "0から99までの数字を入力してください"),
    ],
)
def test_what_is_not_whole_is_asked_for_again_and_kept_on_the_page(
    agnes: FlaskClient, session: Session, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    answer = agnes.post(page_of(cast), data=typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert typed.get("free_introductions", "") in answer.text
    assert honoured(session, cast) == 0


def test_none_needs_no_word_and_a_second_press_says_the_same(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    for _press in range(2):
        answer = agnes.post(page_of(cast), data={"free_introductions": "0"}, follow_redirects=True)
        assert "受け入れないことにしました" in words(answer)
    assert "受け入れない" in words(agnes.get(LIST))
    assert honoured(session, cast) == 0


def test_only_leads_of_agencies_promise_and_only_while_the_partnership_stands(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    amy = browse(app, make_user(session, "amy", cast.tsumugi, Role.AGENT))
    session.commit()
    assert page_of(cast) not in amy.get(LIST).text
    assert amy.post(page_of(cast), data={"free_introductions": "1", **BOXES}).status_code == 403
    sho = browse(app, cast.sho)
    assert page_of(cast) not in sho.get(LIST).text
    assert sho.get(page_of(cast)).status_code == sho.post(page_of(cast)).status_code == 404
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    session.commit()
    assert agnes.get(page_of(cast)).location == LIST
    late = agnes.post(page_of(cast), data={"free_introductions": "1", **BOXES}, follow_redirects=True)
    assert "この提携は、すでに終わっています" in words(late)
