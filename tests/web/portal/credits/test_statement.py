"""The ledger month by month: what a line names, the same bytes whenever it is printed; a credit as a ticket."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import CreditEntry, Referral, scopes
from relay.network import credit_months, credits, referrals
from tests.cast import Cast, browse, make_candidate
from tests.db.network.test_ledger import fill, referral_id

STATEMENT, FILE = "/credits/statement", "/credits/statement/file"
NOVEMBER = datetime(2025, 11, 20, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _long_ago() -> Iterator[None]:
    """Every ledger begins in autumn 2025, and is read in spring: both lie before what the machine's clock says."""
    with clock.at(datetime(2026, 4, 10, 3, tzinfo=UTC)):
        yield


@pytest.fixture
def ledger(session: Session, cast: Cast) -> None:
    """Twenty referrals in September and October; in November one credit is used, given back, and held again."""
    for first, day in ((1, datetime(2025, 9, 14, tzinfo=UTC)), (11, datetime(2025, 10, 31, 14, 59, tzinfo=UTC))):
        with clock.at(day):
            fill(session, cast.acme, 10, first=first)
    with clock.at(NOVEMBER):
        held = credits.reserve(session, cast.acme.id, "経理の募集")
        spent = credits.spend(session, cast.acme.id, held.id, "面談の約束")
        credits.restore(session, cast.acme.id, spent.id, '=HYPERLINK("x")')
        credits.reserve(session, cast.acme.id, "営業の募集")
    session.commit()


@contextmanager
def later(**how: int) -> Iterator[None]:
    with clock.at(clock.now() + timedelta(**how)):
        yield


def rows(browser: FlaskClient, month: str) -> list[list[str]]:
    answer = browser.get(f"{FILE}?month={month}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert f'filename="relay-credits-{month}.csv"' in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.usefixtures("ledger")
def test_each_line_names_its_kind_its_reason_and_the_ten_behind_it(ada: FlaskClient) -> None:
    page = ada.get(f"{STATEMENT}?month=2025-11").text
    lines = re.findall(r"<tr>\s*<td class=\"num\">(\d+)</td>.*?</tr>", page, re.DOTALL)
    assert lines == ["3", "4", "5", "6"]
    assert re.findall(r'<td class="nowrap">(.*?)</td>', page) == ["確保", "使用", "返却", "確保"]
    assert page.count("1番の紹介枠のもとになった登録：") == 4, "the oldest free one, and that very one again"
    assert page.count("登録10番（2025/9/14）") == 4
    assert "登録11番（" not in page
    assert re.findall(r'<td class="r num">(\d+)</td>', page) == ["1", "1", "1", "0", "2", "0", "1", "1"]
    assert "空き2件・確保中0件" in page
    assert "空き1件・確保中1件" in page
    assert "営業の募集" in page


@pytest.mark.usefixtures("ledger")
def test_months_are_those_of_japan_and_lead_to_each_other(ada: FlaskClient) -> None:
    october, september = (ada.get(f"{STATEMENT}?month=2025-{month}").text for month in ("10", "09"))
    assert "20番（2025/10/31）" in october, "a minute before midnight in Japan"
    assert "20番（" not in ada.get(f"{STATEMENT}?month=2025-11").text
    assert f'href="{STATEMENT}?month=2025-09"' in october
    assert f'href="{STATEMENT}?month=2025-11"' in october
    assert "前の月" not in september
    assert "この月に増減はありません" in ada.get(f"{STATEMENT}?month=2025-12").text
    assert f'href="{STATEMENT}?month=2026-04"' in ada.get("/credits").text


@pytest.mark.usefixtures("ledger")
def test_a_month_that_is_over_is_the_same_bytes_whatever_happened_since(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient
) -> None:
    addresses = [f"{path}?month=2025-{month}" for path in (STATEMENT, FILE) for month in ("09", "10", "11", "12")]
    before = {address: ada.get(address).get_data() for address in addresses}
    with later(days=400):
        referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 3), "二重の登録")
        make_candidate(session, cast.acme)
        with scopes.company(session, cast.acme.id):
            referral = session.scalars(select(Referral).where(Referral.number == 12)).one()
            referral.candidate_id = referral.relay_link_id = None
        cast.acme.name = "別の名前の会社"
        session.commit()
        for browser in (browse(app, cast.ada), browse(app, cast.vic)):
            assert {address: browser.get(address).get_data() for address in addresses} == before


@pytest.mark.usefixtures("ledger")
def test_the_month_that_runs_says_that_lines_may_come(session: Session, cast: Cast, ada: FlaskClient) -> None:
    words = "この月はまだ終わっていないため、行が増える場合もあります。終わった月の明細は、いつ印刷しても同じです。"
    assert words in ada.get(STATEMENT).text
    assert words not in ada.get(f"{STATEMENT}?month=2026-03").text
    credits.reserve(session, cast.acme.id, "今月の募集")
    session.commit()
    assert "今月の募集" in ada.get(STATEMENT).text
    assert "次の月" not in ada.get(STATEMENT).text


@pytest.mark.usefixtures("ledger")
def test_the_file_says_what_the_page_says_and_no_cell_is_a_formula(ada: FlaskClient) -> None:
    head, *lines = rows(ada, "2025-11")
    assert head == [
        "番号", "日付", "種別", "内容", "理由", "増", "減", "空き", "確保中", "対象の紹介枠", "対象の登録",
    ]  # fmt: skip
    assert [line[2] for line in lines] == ["確保", "使用", "返却", "確保"]
    assert [line[5:10] for line in lines] == [
        ["0", "1", "1", "1", "1"], ["0", "0", "1", "0", "1"], ["1", "0", "2", "0", "1"], ["0", "1", "1", "1", "1"],
    ]  # fmt: skip
    assert lines[2][4] == '\'=HYPERLINK("x")'
    assert lines[0][1] == "2025/11/20"
    assert lines[0][10].split("、")[0] == "1番（2025/09/14）"
    assert len(lines[0][10].split("、")) == 10


@pytest.mark.parametrize(
    "written", ["2025-13", "2025-1", "november", "", "2026-05", "9999-01", "２０２５-11", "2025-11\n"]
)
def test_a_month_that_is_none_is_refused_with_how_to_write_one(ada: FlaskClient, written: str) -> None:
    for path in (STATEMENT, FILE):
        answer = ada.get(path, query_string={"month": written})
        assert answer.status_code == 409
        assert "月は「2026-10」のように、今月までの年と月を指定してください。記録は変わっていません。" in answer.text


def test_a_long_month_goes_on_page_by_page_and_the_file_has_it_whole(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    with clock.at(NOVEMBER):
        fill(session, cast.acme, 10)
        for _each in range(credit_months.LINES // 2 + 3):
            credits.release(session, cast.acme.id, credits.reserve(session, cast.acme.id, "").id, "")
    session.commit()
    page = ada.get(f"{STATEMENT}?month=2025-11").text
    further = re.search(r'href="(/credits/statement\?month=2025-11&amp;after=[^"]+)"', page)
    assert further
    rest = ada.get(further[1].replace("&amp;", "&")).text
    numbers = [int(number) for each in (page, rest) for number in re.findall(r'<td class="num">(\d+)</td>', each)]
    assert numbers == list(range(1, credit_months.LINES + 8))
    assert len(rows(ada, "2025-11")) == credit_months.LINES + 8


@pytest.mark.usefixtures("ledger")
def test_another_company_reads_its_own(app: Flask, cast: Cast) -> None:
    mona = browse(app, cast.mona)
    assert "この月に増減はありません" in mona.get(f"{STATEMENT}?month=2025-11").text
    assert len(rows(mona, "2025-11")) == 1


# the ticket


def entry(session: Session, cast: Cast, sequence: int) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(CreditEntry.id).where(CreditEntry.sequence == sequence)).one()


@pytest.mark.usefixtures("ledger")
def test_a_ticket_has_its_number_its_day_ten_dots_and_the_rule(session: Session, cast: Cast, ada: FlaskClient) -> None:
    path = f"/credits/{entry(session, cast, 2)}/ticket"
    assert f'href="{path}"' in ada.get("/credits").text
    page = ada.get(path).text
    front, back = page.split('aria-labelledby="back-h"')
    assert "2番" in front
    assert "2025年10月31日に獲得" in front
    dots = re.findall(r'<li><b class="num">(\d+)</b><span class="num">([\d/]+)</span></li>', front)
    assert dots == [(str(number), "2025/10/31") for number in range(11, 21)]
    assert "紹介枠に期限はありません" in back
    assert "職業紹介は許可を受けた紹介会社が行います" in back
    assert "円" not in page
    assert "<script" not in page
    assert ada.get(f"/credits/{entry(session, cast, 3)}/ticket").status_code == 404, "no credit but a request"


@pytest.mark.usefixtures("ledger")
def test_a_credit_that_was_taken_back_has_no_ticket(session: Session, cast: Cast, ada: FlaskClient) -> None:
    referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 12), "二重の登録")
    session.commit()
    path = f"/credits/{entry(session, cast, 2)}/ticket"
    assert f'href="{path}"' not in ada.get("/credits").text
    refused = ada.get(path)
    assert refused.status_code == 409
    assert "この紹介枠は取り消されているため、券にできません。台帳は変わっていません。" in refused.text
