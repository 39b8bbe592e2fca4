"""The list: exactly those who consented to this partner, as codes, at this very request (invariants 4 and 5)."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.agency import people
from relay.models import Partner, ProvisionKind, ProvisionRecord, scopes
from relay.network import consents, partners
from tests.cast import Cast, browse
from tests.web.agency.people import consented

NAMES = {"name": "中村 遥", "kana": "ナカムラ ハルカ", "phone": "09012345678", "experience": "生産技術を6年"}


def test_each_partner_sees_exactly_its_own(agnes: FlaskClient, sho: FlaskClient, session: Session, cast: Cast) -> None:
    both = consented(session, cast, "both@mail.example", cast.tsumugi, cast.manabi)
    agency = consented(session, cast, "agency@mail.example", cast.tsumugi)
    school = consented(session, cast, "school@mail.example", cast.manabi)
    seen = {who: client.get("/agency/people").text for who, client in (("agnes", agnes), ("sho", sho))}
    for code, who in ((both.code, {"agnes", "sho"}), (agency.code, {"agnes"}), (school.code, {"sho"})):
        assert {each for each, page in seen.items() if code in page} == who


def test_a_row_holds_code_role_place_and_date_only(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    person = consented(
        session, cast, "haruka@mail.example", cast.tsumugi, **NAMES, desired_role="品質保証", place="松本市"
    )
    page = agnes.get("/agency/people").text
    today = clock.today()
    for shown in (
        person.code,
        "品質保証",
        "松本市",
        f"{today.year}/{today.month}/{today.day}",
        "貴社への情報提供に同意された方",
    ):
        assert shown in page
    for hidden in (*NAMES.values(), "haruka@mail.example"):
        assert hidden not in page
    assert cast.acme.name not in page.partition('id="rows"')[2]


def test_finding_by_role_place_reference_and_name(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    quality = consented(session, cast, "a@mail.example", cast.tsumugi, desired_role="品質保証", place="松本市")
    books = consented(session, cast, "b@mail.example", cast.tsumugi, desired_role="経理", place="岡谷市")
    school = consented(session, cast, "c@mail.example", cast.manabi, desired_role="品質保証")
    for q in ("品質", "松本", quality.code, quality.code.replace("-", "").lower(), "高橋 品質 松本"):
        page = agnes.get("/agency/people", query_string={"q": q}).text
        assert quality.code in page
        assert books.code not in page
        assert school.code not in page
    nothing = agnes.get("/agency/people", query_string={"q": "<該当なし>%_"}).text
    assert "条件に当てはまる方はいません" in nothing
    assert "<該当なし>%_" not in nothing


def test_a_caller_is_found_by_name_which_the_row_says_and_does_not_show(
    agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    person = consented(session, cast, "haruka@mail.example", cast.tsumugi, **NAMES)
    for q, said in (
        ("中村", "お名前が一致"),
        ("ﾅｶﾑﾗ", "フリガナが一致"),
        ("nakamura", "フリガナが一致"),
        ("０９０１２３４", "電話番号が一致"),
        ("haruka@mail.example", "メールアドレスが一致"),
        ("生産技術", "経験に一致"),
    ):
        page = agnes.get("/agency/people", query_string={"q": q}).text
        rows = page.partition('id="rows"')[2]
        assert person.code in rows, q
        assert said in rows
        for hidden in (NAMES["name"], NAMES["kana"], NAMES["phone"], NAMES["experience"]):
            assert hidden not in rows
    assert _viewings(session) == 0, "finding is no opening"


def test_a_list_is_narrowed_and_sorted_by_a_plain_form(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    books = consented(session, cast, "a@mail.example", cast.tsumugi, desired_role="経理", place="松本市")
    sales = consented(session, cast, "b@mail.example", cast.tsumugi, desired_role="営業", place="岡谷市")
    agnes.get(f"/agency/people/{books.code}")
    for asked, expected in (
        ({"role": "経理"}, [books]),
        ({"place": "岡谷"}, [sales]),
        ({"unopened": "1"}, [sales]),
        ({"state": "contacted"}, []),
        ({"state": "attending"}, [sales, books]),
        ({"company": cast.acme.id}, [sales, books]),
        ({"company": "x"}, [sales, books]),
        ({"order": "oldest"}, [books, sales]),
        ({"order": "role"}, [sales, books]),
        ({"first": clock.today() + timedelta(days=1)}, []),
        ({"last": clock.today(), "q": "市"}, [sales, books]),
    ):
        page = agnes.get("/agency/people", query_string=asked).text
        assert _codes(page) == [each.code for each in expected], asked
    odd = agnes.get("/agency/people", query_string={"first": "きのう"}).text
    assert "登録日「きのう」を読み取れませんでした" in odd
    assert len(_codes(odd)) == 2


def test_rows_tell_people_apart_and_say_who_opened_them(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    bare = consented(session, cast, "a@mail.example", cast.tsumugi)
    consented(session, cast, "b@mail.example", cast.tsumugi, place="松本市")
    moment = clock.now().astimezone(clock.JAPAN)
    page = agnes.get("/agency/people").text
    assert "お名前だけのご登録" in page
    assert "職種の記入なし" in page
    assert f"{moment:%H:}" in page
    assert page.count("まだ開いていない") == 2
    agnes.get(f"/agency/people/{bare.code}")
    page = agnes.get("/agency/people").text
    assert f"{cast.agnes.name}が{moment.month}/{moment.day}に開いた" in page
    assert page.count("まだ開いていない") == 1
    assert "未対応" in page


def test_new_people_are_those_since_the_last_visit(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    morning = clock.now()
    early = consented(session, cast, "a@mail.example", cast.tsumugi)
    with clock.at(morning + timedelta(minutes=1)):
        assert _codes(agnes.get("/agency/people?new=1").text) == [early.code], "a first visit: everybody is new"
    with clock.at(morning + timedelta(minutes=10)):
        late = consented(session, cast, "b@mail.example", cast.tsumugi)
    with clock.at(morning + timedelta(minutes=25)):
        agnes.head("/agency/people")
        agnes.get("/agency/people", headers={"Sec-Purpose": "prefetch"})
    for minutes in (31, 32, 50):
        with clock.at(morning + timedelta(minutes=minutes)):
            page = agnes.get("/agency/people").text
            assert page.count("badge--accent") == 1
            assert _codes(agnes.get("/agency/people?new=1").text) == [late.code], "in two tabs, and loaded again"


def test_with_script_the_list_comes_alone(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    consented(session, cast, "a@mail.example", cast.tsumugi)
    response = agnes.get("/agency/people?q=x", headers={"HX-Request": "true"})
    assert response.text.lstrip().startswith('<div id="people">')
    assert "HX-Request" in response.headers["Vary"]


def test_pages_follow_each_other_both_ways(
    agnes: FlaskClient, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PAGE", 2)
    codes = []
    for n in range(5):
        with clock.at(clock.now() + timedelta(minutes=n)):
            codes.insert(0, consented(session, cast, f"p{n}@mail.example", cast.tsumugi).code)
    with clock.at(clock.now() + timedelta(minutes=9)):
        path, found, pages = "/agency/people", [], []
        while path:
            page = agnes.get(path).text
            pages.append(path)
            found += [code for code in codes if code in page]
            path = _link(page, "next")
        assert found == codes
        assert _link(agnes.get(pages[-1]).text, "prev")
        back = agnes.get(_link(agnes.get(pages[-1]).text, "prev")).text
    assert [code for code in codes if code in back] == codes[2:4]


def test_a_withdrawal_is_gone_with_the_next_request(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    person = consented(session, cast, "a@mail.example", cast.tsumugi)
    assert person.code in agnes.get("/agency/people").text
    consents.withdraw(session, person.id, cast.tsumugi.id)
    session.commit()
    page = agnes.get("/agency/people").text
    assert person.code not in page
    assert "まだ、同意された方はいません" in page


def test_the_end_of_the_partnership_takes_everybody_away(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    person = consented(session, cast, "a@mail.example", cast.tsumugi)
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    session.commit()
    assert person.code not in agnes.get("/agency/people").text


def test_a_licence_that_ran_out_shows_no_one_and_says_why(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    person = consented(session, cast, "a@mail.example", cast.tsumugi)
    partners.change_partner(session, cast.tsumugi, license_until=clock.today() - timedelta(days=1))
    session.commit()
    for path in ("/agency/people", "/agency"):
        page = agnes.get(path).text
        assert person.code not in page
        assert "許可の有効期限が過ぎています" in page
    assert agnes.get(f"/agency/people/{person.code}").status_code == 410
    partners.change_partner(session, cast.tsumugi, license_until=clock.today())
    session.commit()
    assert person.code in agnes.get("/agency/people").text


def test_a_licence_about_to_run_out_is_reminded_of(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    words = "許可の有効期限が近づいています"
    for days, reminded in ((61, False), (60, True), (0, True)):
        partners.change_partner(session, cast.tsumugi, license_until=clock.today() + timedelta(days=days))
        session.commit()
        assert [words in agnes.get(path).text for path in ("/agency", "/agency/people")] == [reminded] * 2


def test_a_suspended_partner_is_told_so(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    person = consented(session, cast, "a@mail.example", cast.tsumugi)
    partners.suspend(session, cast.tsumugi)
    session.commit()
    page = agnes.get("/agency/people").text
    assert "運営者が、貴社の表示を止めています" in page
    assert person.code not in page


def test_the_first_page_says_what_may_be_found_and_what_a_row_shows(agnes: FlaskClient) -> None:
    """Asserted by the tests of the list above, and by tests/db/network/test_finding.py."""
    page = agnes.get("/agency").text
    for said in (
        "一覧に並ぶご本人の情報は、照会番号・希望職種・希望勤務地・登録日時・内容の日付だけです。",
        "探せるのは、ご本人が貴社に伝えた項目だけです。一覧には一致したことだけが出て、お名前は出ません。",
        "最後に開いた担当者の名前は、一覧で貴社の方に見えます。",
    ):
        assert said in page


def test_the_first_page_counts_and_explains(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    consented(session, cast, "a@mail.example", cast.tsumugi)
    page = agnes.get("/agency").text
    assert cast.tsumugi.license_number
    assert cast.tsumugi.license_number in page
    assert '<dd class="kpi__v">1<small>名</small></dd>' in page


def test_the_first_page_says_when_the_licence_was_looked_up_and_by_whom(
    agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    today = clock.today()
    day, until = (f"{each.year}年{each.month}月{each.day}日" for each in (today, cast.tsumugi.license_until or today))
    assert f"運営者が{day}に確認" in agnes.get("/agency").text
    session.get_one(Partner, cast.tsumugi.id).checked_on = None
    session.commit()
    assert "公的な登録は、まだ確認されていません" in agnes.get("/agency").text
    seen = partners.fingerprint(session.get_one(Partner, cast.tsumugi.id))
    partners.check_partnership(session, cast.acme.id, cast.tsumugi.id, seen=seen, note="", by_user_id=cast.adam.id)
    session.commit()
    page = agnes.get("/agency").text
    assert f"{cast.acme.name}が{day}に確認" in page
    assert until in page


def test_nothing_can_be_sent(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    person = consented(session, cast, "a@mail.example", cast.tsumugi)
    for path in ("/agency", "/agency/people", f"/agency/people/{person.code}"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert agnes.open(path, method=method).status_code == 405


def test_people_of_a_company_do_not_enter(app: Flask, session: Session, cast: Cast) -> None:
    for path in ("/agency", "/agency/people"):
        assert browse(app, cast.adam).get(path).status_code == 404
        assert app.test_client().get(path).status_code == 302


def _codes(page: str) -> list[str]:
    return re.findall(r'<tr id="p-([A-Z0-9-]+)"', page)


def _viewings(session: Session) -> int:
    with scopes.everyone(session, "test"):
        viewed = select(func.count(ProvisionRecord.id)).where(ProvisionRecord.kind == ProvisionKind.VIEWED)
        return session.scalars(viewed).one()


def _link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""
