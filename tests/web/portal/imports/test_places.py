"""Where the people of a file are: HR chooses the sheet and the row of the headers, and may think again."""

import io
import re
from collections.abc import Mapping, Sequence

import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Candidate, scopes
from tests.cast import Cast
from tests.web.portal.imports.test_answers import ANSWERS
from tests.web.portal.imports.test_index import dropped, plain

Rows = Sequence[Sequence[str]]
HEADERS = ("氏名", "メールアドレス", "結果")
LAST_YEAR: Rows = (
    ("2025年度の応募者",),
    (),
    HEADERS,
    ("前田 澪", "mio@mail.example", "不採用"),
    ("前田 凛", "rin@mail.example", "辞退"),
)
THIS_YEAR: Rows = (
    HEADERS,
    ("秋山 蓮", "ren@mail.example", "不採用"),
    ("秋山 翔", "sho@mail.example", "不採用"),
    ("秋山 葵", "aoi@mail.example", ""),
)


def workbook(sheets: Mapping[str, Rows], *, hidden: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
            if name == hidden:
                sheet.hide()
    return out.getvalue()


def names(session: Session, cast: Cast) -> set[str]:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return set(session.scalars(select(Candidate.name)))


def test_of_several_sheets_with_people_hr_says_which(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, workbook({"2026年度": THIS_YEAR, "2025年度": LAST_YEAR, "集計": (("計", "5"),)}))
    assert here.endswith("/table"), "asked before anything else"
    page = ada.get(here)
    for said in ("2026年度4行・いま読み取っているシート", "2025年度4行", "集計1行"):
        assert said in plain(page)
    assert re.findall(r'name="sheet" value="(\d)"( checked)?', page.text) == [("1", " checked"), ("2", ""), ("3", "")]
    show = here.removesuffix("/table")
    ada.post(f"{show}/left-rows", data={"rows": "3"})
    other = ada.post(here, data={"sheet": "2"}, follow_redirects=True)
    assert "シート「2025年度」の内容です。見出しは3行目です。" in plain(other)
    assert 'name="rows" value=""' in other.text, "rows are left out of the sheet they were named for"
    assert "にも候補者の表があるようです" not in other.text, "said once, not asked again"
    back = ada.post(here, data={"sheet": "1"}, follow_redirects=True)
    assert "シート「2026年度」" in plain(back)
    assert 'name="rows" value="3"' in back.text, "nothing that was typed is lost"
    ada.post(here, data={"sheet": "2"})
    ada.post(show, data=ANSWERS)
    assert names(session, cast) == {"前田 澪", "前田 凛"}


def test_a_sheet_that_cannot_be_read_leaves_the_one_that_was(ada: FlaskClient, session: Session, cast: Cast) -> None:
    show = dropped(ada, workbook({"応募者": THIS_YEAR, "見出しだけ": (HEADERS,)}))
    refused = ada.post(f"{show}/table", data={"sheet": "2"})
    assert refused.status_code == 422
    assert "前の内容のままです" in refused.text
    for wrong in ({"sheet": "9"}, {"sheet": "-1"}, {"header_row": "99"}, {"sheet": "0"}):
        assert "選んだシートか行が見つかりません" in ada.post(f"{show}/table", data=wrong, follow_redirects=True).text
    assert "シート「応募者」の内容です" in plain(ada.get(show))
    ada.post(show, data=ANSWERS)
    assert names(session, cast) == {"秋山 蓮", "秋山 翔", "秋山 葵"}


def test_a_hidden_sheet_is_named_and_can_be_chosen(ada: FlaskClient) -> None:
    show = dropped(ada, workbook({"応募者": THIS_YEAR, "古い表": LAST_YEAR}, hidden="古い表"))
    assert not show.endswith("/table")
    assert "古い表4行・非表示のシート" in plain(ada.get(f"{show}/table"))
    assert "シート「古い表」の内容です" in plain(ada.post(f"{show}/table", data={"sheet": "2"}, follow_redirects=True))


def test_another_row_can_be_the_header_and_the_first_again(ada: FlaskClient, session: Session, cast: Cast) -> None:
    text = "氏名は本名,性別は書かない\n氏名,性別,メールアドレス,結果\n(記入欄),,,\n前田 澪,女,mio@mail.example,不採用\n"
    show = dropped(ada, text.encode())
    page = ada.get(f"{show}/table")
    assert re.findall(r'name="header_row" value="(\d)"( checked)?', page.text) == [
        ("1", ""), ("2", " checked"), ("3", ""), ("4", ""),
    ]  # fmt: skip
    assert "mio@mail.example" in page.text
    assert ">女<" not in page.text, "what the law keeps out is not shown either"
    wrong = ada.post(f"{show}/table", data={"header_row": "4"}, follow_redirects=True)
    assert "候補者の行がありません" in wrong.text
    lost = ada.post(f"{show}/table", data={"header_row": "3"}, follow_redirects=True)
    assert "氏名がどの列にあるか、教えてください" in lost.text
    assert "見出しの行を選ぶ" in lost.text, "the way back is on this page too"
    back = ada.post(f"{show}/table", data={"header_row": "2"}, follow_redirects=True)
    assert "見出しは2行目です" in plain(back)
    ada.post(show, data=ANSWERS)
    assert names(session, cast) == {"前田 澪"}


def test_what_hr_said_of_columns_holds_for_a_sheet_of_the_same_shape(ada: FlaskClient) -> None:
    people = (("名札", "メールアドレス", "結果"), ("秋山 蓮", "ren@mail.example", "不採用"))
    here = dropped(ada, workbook({"一": people, "二": (("題",), *people)}))
    assert "/columns" in here or here.endswith("/table")
    show = re.sub(r"/(columns|table)$", "", here)
    ada.post(f"{show}/columns", data={"c0": "name", "c1": "email", "c2": "end"})
    other = ada.post(f"{show}/table", data={"sheet": "2", "header_row": ""}, follow_redirects=True)
    chosen = ada.post(f"{show}/table", data={"header_row": "2"}, follow_redirects=True)
    assert "シート「二」" in plain(chosen), plain(other)
    assert "見送り1" in plain(chosen)
