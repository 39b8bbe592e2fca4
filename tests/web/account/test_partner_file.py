"""People in a file: those the partner sees at this very request, each recorded, in the shape of a 求職管理簿 (B-14)."""

import csv
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.models import Event, EventTag, Message, Profile, ProvisionKind, ProvisionRecord, scopes
from relay.network import consents, handing_over, partners, sharing
from relay.tokens import new_code
from tests.cast import Cast, browse, make_cast
from tests.web.agency.people import consented
from tests.web.landing.phone import Phone, mail_own_page, words

FILE = "/account/people/file"
HARUKA = {
    "name": "中村 遥",
    "kana": "ナカムラ ハルカ",
    "phone": "09012345678",
    "desired_role": "品質保証",
    "place": "松本市",
    "experience": "=HYPERLINK(1)",
}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


@pytest.fixture
def haruka(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "haruka@mail.example", cast.tsumugi, cast.manabi, **HARUKA)


@pytest.fixture
def kenta(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "kenta@mail.example", cast.tsumugi, name="小林 健太")


def ask(client: FlaskClient, *codes: str, form: str = "csv", **more: str) -> TestResponse:
    return client.post(FILE, data={"code": list(codes), "format": form, "reason": "register"} | more)


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))


def written_out(session: Session, cast: Cast) -> Sequence[ProvisionRecord]:
    session.rollback()
    with scopes.partner(session, cast.tsumugi.id):
        which = select(ProvisionRecord).where(ProvisionRecord.kind == ProvisionKind.EXPORTED)
        return session.scalars(which.order_by(ProvisionRecord.id)).all()


def test_an_agency_gets_the_columns_of_its_register(agnes: FlaskClient, cast: Cast, haruka: Profile) -> None:
    answer = ask(agnes, haruka.code)
    assert answer.get_data().startswith(b"\xef\xbb\xbf"), "the mark by which Excel knows UTF-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="relay-people-')
    assert answer.headers["Cache-Control"] == "no-store"
    row = rows(answer)[0]
    today = f"{clock.today():%Y/%m/%d}"
    assert list(row)[:7] == [
        *("求職者の氏名", "フリガナ", "住所", "生年月日", "希望職種", "求職受付年月日", "求職の有効期間")
    ]
    assert (row["求職者の氏名"], row["希望職種"], row["求職受付年月日"]) == ("中村 遥", "品質保証", today)
    assert row["求職の有効期間"].startswith(f"{today}から")
    assert (row["照会番号"], row["電話番号"], row["メールアドレス"]) == (
        *(haruka.code, "090-1234-5678", "haruka@mail.example"),
    )
    assert (row["登録日"], row["案内を送った企業"], row["内容の時点"]) == (today, cast.acme.name, today)
    unknown = ("住所", "生年月日", "求人者の氏名または名称", "求人を紹介した日", "採否")
    assert [row[each] for each in unknown] == [""] * len(unknown)
    assert row["これまでの経験"] == "'=HYPERLINK(1)", "no formula"


def test_a_school_gets_what_is_known_and_no_register(app: Flask, cast: Cast, haruka: Profile) -> None:
    row = rows(ask(browse(app, cast.sho), haruka.code))[0]
    assert row["氏名"] == "中村 遥"
    assert not {"求職者の氏名", "求職受付年月日", "求人を紹介した日", "住所"} & set(row)


def test_a_workbook_holds_the_same_as_text(agnes: FlaskClient, haruka: Profile, kenta: Profile) -> None:
    answer = ask(agnes, haruka.code, kenta.code, form="xlsx")
    heading, first, second = load_workbook(BytesIO(answer.get_data())).active.iter_rows(values_only=True)
    assert heading[0] == "求職者の氏名"
    assert (first[0], second[0]) == ("中村 遥", "小林 健太")
    assert "=HYPERLINK(1)" in first, "of the type text, which is never calculated"


def test_each_person_in_it_is_recorded_and_reads_of_it(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile, kenta: Profile
) -> None:
    ask(agnes, haruka.code, kenta.code)
    found = written_out(session, cast)
    assert [(each.person_code, each.user_id) for each in found] == [
        (haruka.code, cast.agnes.id),
        (kenta.code, cast.agnes.id),
    ]
    assert set(found[0].items) == {*HARUKA, "email"} and set(found[1].items) == {"name", "email"}
    assert "ファイルに書き出しました" in words(agnes.get(f"/agency/records?q={haruka.code}"))
    event = session.scalars(select(Event).where(Event.tag == EventTag.PROFILES_EXPORTED.value)).one()
    assert (event.partner_id, event.actor_id, event.data["count"]) == (cast.tsumugi.id, cast.agnes.id, 2)
    assert event.data["reason"] == "register"


@pytest.mark.parametrize("reason", ["", "because"])
def test_without_a_reason_nothing_leaves(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile, reason: str
) -> None:
    assert ask(agnes, haruka.code, reason=reason, back="/agency/people").location == "/agency/people"
    assert "書き出す理由を選んでください。まだ書き出していません" in words(agnes.get("/agency/people"))
    assert written_out(session, cast) == []


def test_where_it_is_downloaded_the_empty_columns_and_the_day_are_explained(
    app: Flask, agnes: FlaskClient, cast: Cast, haruka: Profile
) -> None:
    for address in ("/agency/people", f"/agency/people/{haruka.code}"):
        page = words(agnes.get(address))
        assert "Relayにない内容なので空のままです" in page and "「求職受付年月日」には登録日が" in page
        assert "書き出す理由" in page and "理由は、操作ログに残ります" in page
        assert "求職受付年月日" not in words(browse(app, cast.sho).get(address)), "a school has no such file"


def test_nobody_in_it_is_still_unopened_in_the_list(agnes: FlaskClient, haruka: Profile, kenta: Profile) -> None:
    rows(ask(agnes, haruka.code))
    unopened = agnes.get("/agency/people?unopened=1").text
    assert kenta.code in unopened and haruka.code not in unopened


def test_a_form_sent_twice_is_one_provision_and_two_same_files(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    assert rows(ask(agnes, haruka.code)) == rows(ask(agnes, haruka.code, haruka.code))
    assert len(written_out(session, cast)) == 1
    with clock.at(clock.now() + timedelta(minutes=11)):
        ask(agnes, haruka.code)
    assert len(written_out(session, cast)) == 2


def test_who_withdraws_while_the_list_is_open_is_left_out_and_named_by_reference(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile, kenta: Profile
) -> None:
    ticked = agnes.get("/agency/people").text
    assert haruka.code in ticked and kenta.code in ticked
    phone, own = Phone(app), mail_own_page(session, haruka.id)
    phone.enter(own)
    assert phone.post(f"{own}/withdrawal", {"partner": str(cast.tsumugi.id)}).status_code == 303
    answer = ask(agnes, haruka.code, kenta.code, back="/agency/people?after=x")
    said = words(answer)
    assert answer.status_code == 409
    assert "1名は、表示できなくなりました" in said and haruka.code in said and "残りの1名を書き出す" in said
    assert not any(each in answer.text for each in ("中村", "haruka@", "小林"))
    assert 'href="/agency/people?after=x"' in answer.text
    assert written_out(session, cast) == [], "nobody left yet"
    assert [row["求職者の氏名"] for row in rows(ask(agnes, kenta.code))] == ["小林 健太"]
    assert [each.person_code for each in written_out(session, cast)] == [kenta.code]


@pytest.mark.parametrize("end", ["withdrawn", "ran out", "tie ended", "suspended"])
def test_nobody_leaves_whom_the_partner_does_not_see(
    app: Flask, session: Session, cast: Cast, haruka: Profile, end: str
) -> None:
    moment = clock.now()
    if end == "withdrawn":
        consents.withdraw(session, haruka.id, cast.tsumugi.id)
    elif end == "tie ended":
        partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    elif end == "suspended":
        partners.suspend(session, cast.tsumugi)
    else:
        moment += timedelta(days=366)
    session.commit()
    with clock.at(moment):
        answer = ask(browse(app, cast.agnes), haruka.code)
    assert answer.status_code == 409
    assert "書き出す" not in words(answer).partition("まだ、どなたも書き出していません")[2], "no button is left"
    assert written_out(session, cast) == []


def test_another_partners_person_is_no_other_than_one_who_never_was(
    agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    other = consented(session, cast, "other@mail.example", cast.manabi, name="桐生 環")
    for code in (other.code, new_code()):
        answer = ask(agnes, code)
        assert answer.status_code == 409 and "桐生" not in answer.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"format": "csv"}, "どなたも選ばれていません"),
        ({"format": "csv", "code": "山田"}, "どなたも選ばれていません"),
        ({"format": "pdf", "code": "ABCD-EFGH"}, "ファイルの形（ExcelかCSV）を選んでください"),
    ],
)
def test_a_selection_that_is_none_is_answered_on_the_list(
    agnes: FlaskClient, haruka: Profile, sent: dict[str, str], sentence: str
) -> None:
    answer = agnes.post(FILE, data=sent | {"back": f"/agency/people/{haruka.code}"})
    assert (answer.status_code, answer.location) == (303, f"/agency/people/{haruka.code}")
    assert sentence in words(agnes.get(answer.location))


def test_more_than_a_file_takes_is_refused_with_both_numbers(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    codes = [new_code() for _ in range(handing_over.MAX_PEOPLE + 1)]
    answer = ask(agnes, *codes)
    said = words(agnes.get(str(answer.location)))
    assert f"{handing_over.MAX_PEOPLE}名まで" in said and f"{len(codes)}名が選ばれていた" in said


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "/settings", "/agencyx", ""])
def test_it_leads_back_into_the_portal_alone(agnes: FlaskClient, back: str) -> None:
    assert agnes.post(FILE, data={"back": back}).location == "/agency/people"


def test_the_password_is_asked_again_and_the_selection_waits(
    app: Flask, cast: Cast, haruka: Profile, kenta: Profile
) -> None:
    agnes = browse(app, cast.agnes)
    with clock.at(clock.now() + timedelta(minutes=16)):
        asked = ask(agnes, haruka.code, kenta.code)
    assert "attachment" not in asked.headers.get("Content-Disposition", "")
    assert asked.text.count('name="code"') == 2, "both wait on the page of the proof"
    assert haruka.code in asked.text and kenta.code in asked.text


def test_a_file_counts_like_openings(
    agnes: FlaskClient, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "OPENINGS_AN_HOUR", 2)
    people = [consented(session, cast, f"{n}@mail.example", cast.tsumugi) for n in range(3)]
    agnes.get(f"/agency/people/{people[0].code}")
    ask(agnes, people[0].code, people[1].code)
    with scopes.everyone(session, "test"):
        told = select(func.count()).select_from(Message).where(Message.letter == "many-opened")
        assert session.scalar(told) == 0, "one was opened before: two people in all"
        session.rollback()
        ask(agnes, *(each.code for each in people))
        assert session.scalar(told) > 0


def test_the_record_page_offers_the_row_the_text_and_paper(agnes: FlaskClient, cast: Cast, haruka: Profile) -> None:
    page = agnes.get(f"/agency/people/{haruka.code}")
    said = words(page)
    assert "求職管理簿の行を書き出す（Excel）" in said
    assert "照会番号も一緒に保存してください" in said
    text = page.text.partition('id="copy-all"')[2].partition(">")[2].partition("</textarea>")[0]
    for line in (
        f"照会番号：{haruka.code}",
        "氏名：中村 遥",
        "電話番号：090-1234-5678",
        f"案内を送った企業：{cast.acme.name}",
    ):
        assert line in text


def test_a_school_is_not_offered_a_register(app: Flask, cast: Cast, haruka: Profile) -> None:
    sho = browse(app, cast.sho)
    for page in ("/agency/people", f"/agency/people/{haruka.code}"):
        said = words(sho.get(page))
        assert "書き出す（Excel）" in said and "求職管理簿" not in said
