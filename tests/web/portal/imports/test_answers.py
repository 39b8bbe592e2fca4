"""What HR says of a file that waits: what a word for a result means, once for the company, and rows left behind."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Application, ApplicationResult, Candidate, Import, ResultWord, scopes
from tests.cast import Cast, browse
from tests.db.intake.bringing import sheet
from tests.web.portal.imports.test_index import drop, dropped, plain

PEOPLE = [
    {"氏名": "秋山 澪", "結果": "ご縁なし"},
    {"氏名": "秋山 凛", "結果": "ご縁 なし"},
    {"氏名": "秋山 蓮", "結果": "保留ボックス"},
    {"氏名": "秋山 翔", "結果": "不採用"},
]
ANSWERS = {"basis": "stated", "past": "keep", "told": "no"}


def results(session: Session, cast: Cast) -> dict[str, ApplicationResult]:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        rows = session.execute(select(Candidate.name, Application.status).join(Application))
        return {person: status for person, status in rows}  # noqa: C416  (mypy knows the pairs so)


def test_a_word_nobody_knows_is_asked_once_and_remembered(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, sheet(PEOPLE))
    page = ada.get(here)
    asked = re.findall(r'<label for="w\d+"><strong>([^<]+)<', page.text)
    assert "この言葉は？" in page.text
    assert set(asked) == {"ご縁なし", "ご縁 なし", "保留ボックス"}
    said = {f"w{place}": "rejected" if "ご縁" in word else "open" for place, word in enumerate(asked)}
    again = ada.post(f"{here}/words", data=said, follow_redirects=True)
    assert "言葉の意味を覚えました" in again.text
    assert "この言葉は？" not in again.text
    assert "選考中1・見送り3" in plain(again)
    ada.post(here, data=ANSWERS)
    assert list(results(session, cast).values()).count(ApplicationResult.REJECTED) == 3
    later = ada.get(dropped(ada, sheet([{"氏名": "林 葵", "結果": "ご縁なし"}])))
    assert "この言葉は？" not in later.text
    assert "見送り1" in plain(later)


def test_a_word_left_for_later_is_remembered_as_nothing(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, sheet(PEOPLE))
    told = ada.post(f"{here}/words", data={"w0": "", "w1": "nonsense", "w9": "rejected"}, follow_redirects=True)
    assert "言葉の意味が選ばれていません" in told.text
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(ResultWord)).all() == []


def test_another_companys_words_mean_nothing_here(app: Flask, ada: FlaskClient, cast: Cast) -> None:
    here = dropped(ada, sheet(PEOPLE[:1]))
    ada.post(f"{here}/words", data={"w0": "rejected"})
    mona = browse(app, cast.mona)
    assert "この言葉は？" in mona.get(dropped(mona, sheet(PEOPLE[:1]))).text


def test_rows_that_are_to_be_corrected_can_be_left_out(ada: FlaskClient, session: Session, cast: Cast) -> None:
    rows = [
        {"氏名": "秋山 澪", "応募日": "2026/10/1", "結果": "不採用"},
        {"氏名": "秋山 凛", "応募日": "昨日", "結果": "不採用"},
        {"氏名": "", "応募日": "2026/10/2", "結果": "不採用"},
    ]
    refused = drop(ada, sheet(rows))
    assert refused.status_code == 422
    assert 'name="rows" value="3、4"' in refused.text
    with scopes.company(session, cast.acme.id):
        here = f"/pool/import/{session.scalars(select(Import.id)).one()}"
    page = ada.post(f"{here}/left-rows", data={"rows": "3、4"}, follow_redirects=True)
    assert "取り込まないことにした行：3、4" in page.text
    assert 'name="rows" value="3、4"' in page.text
    ada.post(here, data=ANSWERS)
    assert results(session, cast) == {"秋山 澪": ApplicationResult.REJECTED}


def test_any_row_can_be_left_out_and_taken_again(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, sheet(PEOPLE))
    assert "選考中3" not in plain(ada.post(f"{here}/left-rows", data={"rows": "２行目, 3 - 4"}, follow_redirects=True))
    back = ada.post(f"{here}/left-rows", data={"rows": ""}, follow_redirects=True)
    assert "すべての行を読み取りました" in back.text
    assert "選考中3・見送り1" in plain(back)
    for typed in ("六", "5-2", "1-9999", "0x3"):
        said = ada.post(f"{here}/left-rows", data={"rows": typed}, follow_redirects=True)
        assert "行の番号を読み取れませんでした" in said.text
    assert "選考中3・見送り1" in plain(ada.get(here))


def test_as_above_below_a_row_that_is_left_out_means_what_stood_there(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    here = dropped(ada, sheet([{"氏名": "秋山 澪", "結果": "不採用"}, {"氏名": "秋山 凛", "結果": "〃"}]))
    ada.post(f"{here}/left-rows", data={"rows": "2"})
    ada.post(here, data=ANSWERS)
    assert results(session, cast) == {"秋山 凛": ApplicationResult.REJECTED}
