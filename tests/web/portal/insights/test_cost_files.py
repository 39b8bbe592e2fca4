"""A file of costs in the browser: chosen, asked about, looked at, applied, taken back."""

from datetime import date
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay.insight.costs import months
from relay.models import CostKind, scopes
from relay.portal.insights import cost_files
from tests.cast import Cast, browse

NEW = "/insights/costs/file"
PLAIN = '月,経路,費目,金額\n2026-10,Indeed,求人広告,"1,200円"\n2026年11月,,紹介手数料,12万円\n合計,,,"121,200"\n'
ASKING = "対象月,支払先,税抜金額,税込金額,備考\n2026/10,Indeed,100,110,山田\n2026/10,doda,5,6,\n2026/11,説明会,7,8,\n"


def bring(browser: FlaskClient, content: str | bytes, **said: str) -> TestResponse:
    data = content if isinstance(content, bytes) else content.encode()
    sent = {"file": (BytesIO(data), "費用.csv")} | said
    return browser.post(NEW, data=sent, content_type="multipart/form-data")


def sums(session: Session, cast: Cast) -> dict[tuple[date, CostKind, str], int]:
    with scopes.company(session, cast.acme.id):
        rows = months.by_month(session, date(2000, 1, 1), date(2100, 1, 1))
    return {(row.month, row.kind, row.channel): row.yen for row in rows}


def test_a_plain_file_is_looked_at_applied_and_taken_back(session: Session, cast: Cast, ada: FlaskClient) -> None:
    assert ada.get(NEW).status_code == 200
    here = bring(ada, PLAIN).location
    look = ada.get(here).text
    assert "2026年10月のIndeed（求人広告・媒体）" in look
    assert "合計の行のため" in look
    assert sums(session, cast) == {}
    for _twice in range(2):
        assert ada.post(here).status_code == 303
    assert len(sums(session, cast)) == 2
    assert "追加2件、書き換え0件を記録しました" in ada.get(here).text
    again = ada.get(bring(ada, PLAIN).location).text
    assert "取り込んでも何も変わりません" in again
    assert "この内容で取り込む" not in again
    assert "追加2件・変更0件" in ada.get(NEW).text
    for _twice in range(2):
        assert ada.post(f"{here}/undo").status_code == 303
    assert sums(session, cast) == {}
    assert "取り込みを取り消しました" in ada.get(here).text


def test_questions_come_first_and_their_answers_go_with_the_look(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    here = bring(ada, ASKING).location
    asked = ada.get(here).text
    assert "どの列の金額を取り込みますか" in asked
    assert "読まなかった列：備考" in asked
    assert "山田" not in asked
    assert "この内容で取り込む" not in asked
    assert "まだお答えいただいていない" in ada.get(f"{here}?answer=1&amount=1").text
    look = ada.get(f"{here}?answer=1&amount=1&kind-2=other&rest=advertising").text
    assert 'name="amount" value="1"' in look
    assert 'name="kind-0" value="advertising"' in look
    assert 'name="kind-2" value="other"' in look
    refused = ada.post(here)
    assert refused.status_code == 422
    assert "質問にお答えいただいていない" in refused.text
    given = {"amount": "1", "kind-0": "advertising", "kind-1": "advertising", "kind-2": "other"}
    assert ada.post(here, data=given).status_code == 303
    assert sums(session, cast) == {
        (date(2026, 10, 1), CostKind.ADVERTISING, "Indeed"): 110,
        (date(2026, 10, 1), CostKind.ADVERTISING, "doda"): 6,
        (date(2026, 11, 1), CostKind.OTHER, "説明会"): 8,
    }
    assert '<option value="other" selected>' in ada.get(bring(ada, ASKING).location).text, "as it was said before"


def test_problems_are_shown_row_by_row_and_nothing_is_kept(session: Session, cast: Cast, ada: FlaskClient) -> None:
    answer = bring(ada, "月,経路,費目,金額\n10月,Indeed,広告,100\n2026-10,Indeed,広告,▲500\n")
    assert answer.status_code == 422
    assert "2か所を修正してから" in answer.text
    assert "年がありません" in answer.text
    assert "0円より小さい" in answer.text
    assert "最近の取り込み" not in answer.text
    assert bring(ada, b"%PDF-1.7").status_code == 422
    assert ada.post(NEW).status_code == 422


def test_a_sum_that_changed_since_keeps_the_file_in(session: Session, cast: Cast, ada: FlaskClient) -> None:
    here = bring(ada, PLAIN).location
    ada.post(here)
    months.set_cost(session, cast.acme.id, date(2026, 10, 1), CostKind.ADVERTISING, "Indeed", 9, by_user_id=None)
    session.commit()
    before = sums(session, cast)
    answer = ada.post(f"{here}/undo")
    assert answer.status_code == 409
    assert "2026年10月のIndeed（求人広告・媒体）" in answer.text
    assert sums(session, cast) == before


def test_a_file_is_dropped_unless_it_is_in(session: Session, cast: Cast, ada: FlaskClient) -> None:
    here = bring(ada, PLAIN).location
    assert ada.post(f"{here}/discard").location.endswith(NEW)
    assert ada.get(here).status_code == 404
    kept = bring(ada, PLAIN).location
    ada.post(kept)
    ada.post(f"{kept}/discard")
    assert len(sums(session, cast)) == 2


def test_a_long_file_is_looked_at_page_by_page(ada: FlaskClient) -> None:
    rows = "".join(f"2026-{month:02d},経路{place},広告,1\n" for place in range(20) for month in range(1, 7))
    here = bring(ada, "月,経路,費目,金額\n" + rows).location
    first, second = ada.get(here).text, ada.get(f"{here}?page=2").text
    assert first.count(">追加<") == cost_files.SHOWN
    assert second.count(">追加<") == 120 - cost_files.SHOWN
    assert "page=2" in first


def test_the_template_can_be_filled_in_and_read(ada: FlaskClient) -> None:
    template = ada.get(f"{NEW}/template")
    assert template.status_code == 200
    answer = bring(ada, template.data)
    assert answer.status_code == 422
    assert "金額の書かれた行がありません" in answer.text


def test_another_company_neither_sees_nor_applies_it(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient
) -> None:
    here = bring(ada, PLAIN).location
    mona = browse(app, cast.mona)
    assert mona.get(here).status_code == 404
    for act in ("", "/discard", "/undo"):
        assert mona.post(here + act).status_code == 404
    assert sums(session, cast) == {}
