"""What HR sees of a file before it is applied: the people as they will be, what is doubtful first, what is asked."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.intake.uploads import on_disk
from relay.models import Application, Candidate, ImportMapping, scopes
from tests.cast import Cast, browse
from tests.db.intake.bringing import sheet
from tests.web.portal.imports.test_index import DAY, drop, dropped, many, plain

HANA = {"氏名": "山田 花子", "メールアドレス": "hana@mail.example", "応募職種": "経理", "結果": "選考中"}
KEN = {"氏名": "佐藤 健", "メールアドレス": "ken@mail.example", "応募職種": "営業", "結果": "不採用"}
RIN = {"氏名": "森 凛", "メールアドレス": "rin@mail.example", "応募職種": "営業", "結果": "不採用"}
ANSWERS = {"basis": "stated", "past": "keep", "told": "yes"}


@pytest.fixture(autouse=True)
def on_the_day() -> Iterator[None]:
    with clock.at(DAY):
        yield


def lines(page: str) -> list[str]:
    """The people of a page, one after the other, in words, column by column."""
    body = re.sub(r'<span class="narrow.*?</span>', "", page.split("<tbody>")[1].split("</tbody>")[0])
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in body.split("<tr>")[1:]]


def candidates(session: Session, cast: Cast) -> list[tuple[str, str]]:
    with scopes.company(session, cast.acme.id):
        return [(one.name, one.email) for one in session.scalars(select(Candidate).order_by(Candidate.id))]


def test_every_person_is_shown_as_they_will_be(app: Flask, ada: FlaskClient, cast: Cast) -> None:
    """The promise of /setup/import: each can be checked before anything comes in."""
    assert "取り込む前に、1行ずつ内容を確認できます" in browse(app, cast.adam).get("/setup/import").text
    shown = lines(ada.get(dropped(ada, sheet([HANA, KEN]))).text)
    assert shown == [
        "2 山田 花子 hana@mail.example 経理 選考中 新しく加わります",
        "3 佐藤 健 ken@mail.example 営業 見送り 新しく加わります",
    ]


def test_where_the_columns_do_not_fit_their_facts_stand_under_the_name(ada: FlaskClient) -> None:
    page = ada.get(dropped(ada, sheet([KEN]))).text
    assert re.findall(r'<span class="narrow[^>]*>(.*?)</span>', page) == ["ken@mail.example", "営業・見送り"]


def test_the_first_screen_leads_to_the_questions_below_the_people(ada: FlaskClient) -> None:
    page = ada.get(dropped(ada, sheet([KEN]))).text
    assert page.index('href="#answers"') < page.index("<tbody>") < page.index('id="answers"')


def test_doubts_come_first_then_changes_then_who_is_new(ada: FlaskClient) -> None:
    ada.post(dropped(ada, sheet([HANA, RIN])), data=ANSWERS)
    later = [
        KEN,
        HANA | {"結果": "不採用", "メールアドレス": "hana@mail.example"},
        RIN,
        {"氏名": "李 小龍 様", "メールアドレス": "li@mail.example", "応募職種": "経理", "結果": ""},
    ]
    page = ada.get(dropped(ada, sheet(later)))
    doubtful, changed, new = lines(page.text)[:3]
    assert doubtful.startswith("5 李 小龍 li@mail.example 経理 選考中 新しく加わります 「李 小龍 様」から「様」を除き")
    assert changed.startswith("3 山田 花子 hana@mail.example 経理 見送り")
    assert "選考の結果 ： 選考中 → 見送り" in changed.replace("選考の結果：", "選考の結果 ： ")
    assert new.startswith("2 佐藤 健")
    assert "1名は変わりません" in plain(page)


def test_what_is_shown_is_what_comes(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, sheet([HANA | {"氏名": "★山田 花子（再応募）"}, KEN | {"氏名": "佐藤 健さん"}]))
    shown = [line.split(" ")[1:4] for line in lines(ada.get(here).text)]
    ada.post(here, data=ANSWERS)
    assert [(f"{family} {given}", mail) for family, given, mail in shown] == candidates(session, cast)


def test_the_list_follows_what_happens_meanwhile(ada: FlaskClient) -> None:
    waiting = dropped(ada, sheet([HANA, KEN]))
    assert len(lines(ada.get(waiting).text)) == 2
    ada.post(dropped(ada, sheet([KEN])), data=ANSWERS)
    assert [line for line in lines(ada.get(f"{waiting}/rows").text) if "佐藤" in line and "新しく" in line] == []


def test_another_reason_for_keeping_people_is_a_change(ada: FlaskClient) -> None:
    file = sheet([HANA, KEN])
    ada.post(dropped(ada, file), data=ANSWERS)
    here = dropped(ada, file)
    unanswered = plain(ada.get(here))
    assert (
        "全員がすでに同じ内容でRelayにいます。保管してよい理由に前と違うものを選ぶと、2名の理由が変わります"
        in unanswered
    )
    assert "何も変わりません" not in unanswered
    assert "すでにいる2名の内容が変わります" in plain(ada.get(here, query_string={"basis": "consented"}))
    assert "何も変わりません" in plain(ada.get(here, query_string={"basis": "stated"}))
    ada.post(here, data=ANSWERS | {"basis": "consented"})
    assert "すでにいた2名の内容が変わりました" in plain(ada.get(here))


def test_no_result_column_is_the_first_thing_said(ada: FlaskClient) -> None:
    page = ada.get(dropped(ada, many(2)))
    said = page.text.split("<h1>")[1]
    assert said.index("結果の列が見つかりません") < said.index("読み取った内容")
    assert "全員が選考中になります" in said


def test_a_column_of_result_words_is_the_result_and_that_is_said(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    rows = [
        {"氏名": name, "メールアドレス": f"{at}@mail.example", "ふりわけ": word}
        for at, (name, word) in enumerate([("山田 花子", "不採用"), ("佐藤 健", "見送り"), ("森 凛", "採用")])
    ]
    here = dropped(ada, sheet(rows))
    assert "「ふりわけ」の列に結果の言葉があるため、選考の結果として読み取りました" in plain(ada.get(here))
    ada.post(here, data=ANSWERS)
    with scopes.company(session, cast.acme.id):
        ends = session.scalars(select(Application.status).order_by(Application.id)).all()
    assert [end.value for end in ends] == ["rejected", "rejected", "hired"]


def test_two_columns_for_one_field_are_asked_about_with_three_examples(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    rows = [{"氏名": f"山田 {at}", "お名前": f"佐藤 {at}", "結果": "不採用"} for at in range(5)]
    rows = [row | {"メールアドレス": f"m{at}@mail.example"} for at, row in enumerate(rows)]
    columns = dropped(ada, sheet(rows)).removesuffix("/columns")
    page = ada.get(f"{columns}/columns")
    said = plain(page)
    assert "どの列か、教えてください" in said
    assert "項目「氏名」：氏名／お名前" in said
    assert re.findall(r"<strong>([^<]*)</strong> <span class=.need", page.text) == ["氏名", "お名前"], "and no other"
    assert "例：山田0/山田1/山田2" in said
    assert "例：佐藤0/佐藤1/佐藤2" in said
    assert ada.get(columns).location == f"{columns}/columns", "nothing else can be done before it is answered"
    assert ada.post(columns, data=ANSWERS).location == columns
    answers = {"c0": "", "c1": "name", "c2": "end", "c3": "email"}
    refused = ada.post(f"{columns}/columns", data=answers)
    assert (refused.status_code, "この列が何か、選んでください" in refused.text) == (422, True)
    assert candidates(session, cast) == []
    assert ada.post(f"{columns}/columns", data=answers | {"c0": "drop"}).location == columns
    assert lines(ada.get(columns).text)[0].startswith("2 佐藤 0 m0@mail.example")
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(ImportMapping.columns)).one() == {"氏名": "drop", "オ名前": "name"}
    again = dropped(ada, sheet(rows))
    assert again.endswith(tuple("0123456789")), "asked once"


def test_an_address_nobody_claims_is_asked_about(ada: FlaskClient) -> None:
    rows = [{"氏名": "山田 花子", "宛て": "hana@mail.example", "結果": "不採用"}]
    assert "項目「メールアドレス」：宛て" in plain(ada.get(dropped(ada, sheet(rows))))


def test_another_partys_address_stays_behind_and_is_named(ada: FlaskClient, session: Session, cast: Cast) -> None:
    row = {"候補者名": "舞田 一子", "メールアドレス（エージェント）": "desk@agency.example"}
    row |= {"メールアドレス（候補者）": "mine@mail.example", "結果": "不採用"}
    here = dropped(ada, sheet([row]))
    assert "「エージェント」の列で、ご本人のものではないため、取り込みません" in plain(ada.get(here))
    ada.post(here, data=ANSWERS)
    assert candidates(session, cast) == [("舞田 一子", "mine@mail.example")]


def test_a_refused_file_has_no_people_to_show(ada: FlaskClient) -> None:
    rows = [{"氏名": "山田 花子", "応募日": "未定です", "メールアドレス": "hana@mail.example"}]
    path = re.search(r'href="(/pool/import/\d+)/columns"', drop(ada, sheet(rows)).text)
    assert path is not None
    assert ada.get(f"{path[1]}/rows").location == path[1]


def test_names_of_the_file_stand_on_the_page_as_text(ada: FlaskClient) -> None:
    page = ada.get(dropped(ada, sheet([HANA | {"氏名": "O'Brien & <b>Sons</b>"}])))
    assert "O&#39;Brien &amp; &lt;b&gt;Sons&lt;/b&gt;" in page.text


def test_a_reading_of_another_version_of_relay_is_gone(ada: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    here = dropped(ada, sheet([HANA]))
    monkeypatch.setattr(on_disk, "_ROW", [*on_disk._ROW, "a fact of a later version"])
    gone = ada.get(here)
    assert gone.status_code == 410
    assert "情報の消去やRelayの更新と一緒に破棄されました。何も取り込んでいません。" in gone.text
