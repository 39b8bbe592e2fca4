"""Writing the list out: only who may, after a proof, with a reason in the log; the same people in every file."""

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.indexing import search_rows
from relay.models import Candidate, Event, FollowUp, UserSession, scopes
from relay.search import export
from tests.cast import Cast, make_candidate

WHY = {"purpose": "report"}


@pytest.fixture
def people(session: Session, cast: Cast, hanako: Candidate) -> list[Candidate]:
    """Hanako, somebody whose name is a formula, and somebody whose name Shift_JIS cannot write."""
    odd = make_candidate(session, cast.acme, '=HYPERLINK("x")', email="", phone="+1 650-253-0000")
    rare = make_candidate(session, cast.acme, "𠮷田 太郎", email="taro@mail.example", follow_up=FollowUp.SCOUT)
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [odd.id, rare.id])
        tags.add_tag(session, tags.find_or_make(session, "惜しい"), [rare.id, hanako.id], by_user_id=None)
    return [hanako, odd, rare]


def table(data: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode(encoding), newline="")))


def logged(session: Session) -> list[dict[str, object]]:
    session.rollback()
    return list(session.scalars(select(Event.data).where(Event.tag.like("pool:export%")).order_by(Event.id)))


def test_csv_in_utf8_holds_everybody_and_no_formula(
    session: Session, ada: FlaskClient, people: list[Candidate]
) -> None:
    answer = ada.post("/pool/export", data=WHY | {"format": "csv"})
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert re.fullmatch(r'attachment; filename="relay-\d{8}-\d{4}\.csv"', answer.headers["Content-Disposition"])
    head, *rows = table(answer.data, "utf-8-sig")
    assert head[:4] == ["氏名", "フリガナ", "メールアドレス", "電話番号"]
    rare, odd, hanako = rows
    assert rare[0] == "𠮷田 太郎"
    assert rare[head.index("今後の対応")] == "再スカウト候補"
    assert odd[0] == '\'=HYPERLINK("x")'
    assert odd[3].endswith("650-253-0000")
    assert odd[3][0] != "+"
    assert hanako[:5] == ["髙橋 花子", "タカハシ ハナコ", "hanako@mail.example", "090-1234-5678", "経理"]
    assert (hanako[head.index("結果")], hanako[head.index("タグ")]) == ("選考中", "惜しい")
    assert logged(session) == [
        {"purpose": "report", "format": "csv", "rows": 3},
        {"purpose": "report", "format": "csv", "rows": 3, "complete": True},
    ]


def test_a_workbook_holds_texts_only(ada: FlaskClient, people: list[Candidate]) -> None:
    answer = ada.post("/pool/export", data=WHY | {"format": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert [row[0].value for row in rows] == ["氏名", "𠮷田 太郎", '=HYPERLINK("x")', "髙橋 花子"]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert rows[3][3].value == "090-1234-5678"


def test_what_shift_jis_cannot_write_is_told_beside_the_file(ada: FlaskClient, people: list[Candidate]) -> None:
    plain = ada.post("/pool/export?q=髙橋", data=WHY | {"format": "cp932"})
    assert plain.mimetype == "text/csv"
    assert [row[0] for row in table(plain.data, "cp932")] == ["氏名", "髙橋 花子"]
    with ZipFile(BytesIO(ada.post("/pool/export", data=WHY | {"format": "cp932"}).data)) as packed:
        assert table(packed.read("候補者.csv"), "cp932")[1][0] == "〓田 太郎"
        report = table(packed.read("書けなかった文字.csv"), "utf-8-sig")
    assert report[:2] == [["行", "文字", "文字の番号"], ["2", "𠮷", "U+20BB7"]]


def test_only_the_found_people_leave_however_many_portions_they_are(
    session: Session, cast: Cast, ada: FlaskClient, people: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK_SIZE", 2)
    rows = table(ada.post("/pool/export", data=WHY | {"format": "csv"}).data, "utf-8-sig")
    assert len(rows) == 4
    found = table(ada.post("/pool/export?q=惜しい", data=WHY | {"format": "csv"}).data, "utf-8-sig")
    assert [row[0] for row in found[1:]] == ["𠮷田 太郎", "髙橋 花子"]


def test_without_a_reason_nothing_leaves(session: Session, ada: FlaskClient, people: list[Candidate]) -> None:
    for form in ({"format": "csv"}, {"purpose": "report"}, {"purpose": "curiosity", "format": "csv"}):
        answer = ada.post("/pool/export", data=form)
        assert (answer.status_code, "書き出していません" in answer.text) == (422, True)
    assert logged(session) == []


def test_more_than_a_book_holds_is_refused_with_the_way_on(
    session: Session, ada: FlaskClient, people: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_IN_A_BOOK", 2)
    answer = ada.post("/pool/export", data=WHY | {"format": "xlsx"})
    assert (answer.status_code, "CSVのファイル（UTF-8）を選んでください" in answer.text) == (422, True)
    assert logged(session) == []


def test_who_asks_proves_who_they_are(app: Flask, session: Session, ada: FlaskClient, people: list[Candidate]) -> None:
    ada.get("/pool")
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(hours=1)))
    session.commit()
    answer = ada.post("/pool/export?q=髙橋", data=WHY | {"format": "csv"})
    assert answer.mimetype == "text/html"
    assert 'type="password"' in answer.text
    assert "hanako@mail.example" not in answer.text
    assert logged(session) == []


def test_a_viewer_cannot_take_anybody_out(vic: FlaskClient, people: list[Candidate]) -> None:
    assert "/pool/export" not in vic.get("/pool").text
    assert vic.get("/pool/export").status_code == 403
    assert vic.post("/pool/export", data=WHY | {"format": "csv"}).status_code == 403


def test_nobody_of_another_company_leaves(ada: FlaskClient, stranger: Candidate, hanako: Candidate) -> None:
    assert "他社" not in ada.post("/pool/export", data=WHY | {"format": "csv"}).data.decode("utf-8-sig")
