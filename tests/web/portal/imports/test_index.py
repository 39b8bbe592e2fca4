"""Files on the page: dropped, looked at, asked about, applied once; or refused with what to do about it."""

import csv
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.infra import jobs
from relay.intake.uploads import later
from relay.models import (
    Application,
    Candidate,
    Event,
    EventTag,
    Import,
    ImportMapping,
    ImportState,
    Job,
    JobState,
    JournalEntry,
    Note,
    RetentionBasis,
    scopes,
)
from tests.cast import Cast, browse
from tests.conftest import ON_ONE
from tests.db.intake.bringing import first_of, on_the_disk, sample, sheet
from tests.web.portal.conftest import HTMX

BROKEN = {
    "bad-rows.csv": ("3か所を修正して", "2月28日ではありませんか", "@ がありません", "氏名がありません"),
    "empty.csv": ("何も入っていません",),
    "header-only.csv": ("候補者の行がありません",),
    "not-a-table.csv": ("表として読めません",),
}
FEW = 24
DAY = datetime(2026, 11, 21, 3, tzinfo=UTC)
WORDED = {
    "氏名": "山田 花子",
    "メールアドレス": "hana@mail.example",
    "メモ": "うつ病で休職していたとのこと",
    "性別": "女",
}


@pytest.fixture(autouse=True)
def on_the_day() -> Iterator[None]:
    """The day the samples were made for."""
    with clock.at(DAY):
        yield


def drop(client: FlaskClient, data: bytes, name: str = "herp.csv") -> TestResponse:
    return client.post("/pool/import", data={"file": (BytesIO(data), name)}, content_type="multipart/form-data")


def dropped(client: FlaskClient, data: bytes) -> str:
    """The address of the page that shows the dropped file."""
    answer = drop(client, data)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def count(session: Session, cast: Cast, model: type) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).select_from(model)) or 0


def plain(answer: TestResponse) -> str:
    """The words of a page, without its markup."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.text))


def test_the_page_takes_a_file_without_script(ada: FlaskClient) -> None:
    page = ada.get("/pool/import")
    assert page.status_code == 200
    assert 'enctype="multipart/form-data"' in page.text
    assert "メールは送られません" in page.text


def test_the_file_is_shown_in_sentences_before_anything_is_written(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    page = ada.get(dropped(ada, sample("herp.csv")))
    said = plain(page)
    for sentence in (
        "HERPから240行を読み取りました",
        "選考中34・見送り171・辞退25・入社10",
        "240名が新しく加わります",
        "候補者にメールは送られません",
        "期限を過ぎている方：",
    ):
        assert sentence in said
    assert count(session, cast, Candidate) == 0
    assert not re.search(r'name="basis"[^>]*checked', page.text)


def test_left_behind_columns_say_why(ada: FlaskClient) -> None:
    said = plain(ada.get(dropped(ada, sample("doda.csv"))))
    assert "性別公正な採用選考のため" in said
    assert "住所①候補者の情報を保管する目的には必要がないため" in said


def test_the_basis_has_to_be_chosen(ada: FlaskClient, session: Session, cast: Cast) -> None:
    answer = ada.post(dropped(ada, first_of("herp.csv", FEW)), data={"past": "keep", "told": "yes"})
    assert answer.status_code == 422
    assert "あてはまるものを選んでください" in answer.text
    assert count(session, cast, Candidate) == 0


def test_changing_the_answer_brings_its_figures_alone(ada: FlaskClient) -> None:
    here = dropped(ada, sample("herp.csv"))
    whole = ada.get(here)
    figures = dict(zip(RetentionBasis, map(int, re.findall(r"期限を過ぎている方：(\d+)名", whole.text)), strict=True))
    assert figures[RetentionBasis.STATED] > figures[RetentionBasis.CONSENTED] > 0
    for basis, past in figures.items():
        part = ada.get(here, query_string={"basis": basis.value, "past": "leave"}, headers=HTMX)
        assert "<html" not in part.text
        assert 'hx-swap-oob="true"' in part.text
        assert f"新しく加わる方のうち{past}名は" in plain(part)
        assert re.search(
            r'name="past"[^>]*value="leave"[^>]*checked|checked[^>]*name="past"[^>]*value="leave"', part.text
        )


def test_applied_once_however_often_it_is_pressed(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, sample("herp.csv"))
    answers = {"basis": "stated", "past": "keep", "told": "yes"}
    first = ada.post(here, data=answers)
    again = ada.post(here, data=answers)
    assert (first.status_code, first.location) == (again.status_code, again.location) == (303, here)
    done = plain(ada.get(here))
    assert "240名が新しく加わりました" in done
    assert "メールは送られていません" in done
    assert (count(session, cast, Candidate), count(session, cast, Application)) == (240, 240)
    with scopes.company(session, cast.acme.id):
        row = session.scalars(select(Import)).one()
    assert (row.state, row.by_user_id) == (ImportState.APPLIED, cast.ada.id)
    applied = select(Event).where(Event.tag == EventTag.IMPORT_APPLIED.value)
    assert session.scalars(applied).one().actor_id == cast.ada.id


def test_pressed_twice_at_the_same_moment_it_is_applied_once(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast
) -> None:
    here = dropped(ada, first_of("herp.csv", FEW))
    answers = {"basis": "stated", "past": "keep", "told": "yes"}

    def press(window: FlaskClient) -> int:
        with clock.at(DAY), app.app_context():
            return window.post(here, data=answers).status_code

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(press, [ada, browse(app, cast.ada)])) == [303, 303]
    assert (count(session, cast, Candidate), count(session, cast, Application)) == (FEW, FEW)
    applied = select(func.count()).where(Event.tag == EventTag.IMPORT_APPLIED.value)
    assert session.scalar(applied) == 1


def test_the_done_page_leads_on(ada: FlaskClient) -> None:
    here = dropped(ada, sample("doda.csv"))
    ada.post(here, data={"basis": "selection"})
    done = ada.get(here)
    for link in re.findall(r'<a class="btn[^"]*" href="([^"]+)"', done.text):
        assert ada.get(link).status_code == 200, link


def test_those_past_their_date_can_be_left_out(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, first_of("herp.csv", FEW))
    ada.post(here, data={"basis": "consented", "past": "leave", "told": "yes"})
    left_out = int(re.search(r"取り込まなかった方</dt><dd>(\d+)", ada.get(here).text)[1])
    assert count(session, cast, Candidate) == FEW - left_out < FEW


def test_whoever_was_not_told_waits_to_be_told(ada: FlaskClient, session: Session, cast: Cast) -> None:
    ada.post(dropped(ada, first_of("herp.csv", FEW)), data={"basis": "stated", "past": "keep", "told": "no"})
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).where(Application.notified_at.is_not(None))) == 0


@pytest.mark.parametrize("answer", ["leave", "take"])
def test_memos_with_words_the_law_keeps_out_are_asked_about(
    ada: FlaskClient, session: Session, cast: Cast, answer: str
) -> None:
    here = dropped(ada, sheet([WORDED]))
    assert "「うつ病」という言葉" in plain(ada.get(here))
    assert ada.post(here, data={"basis": "stated"}).status_code == 422
    assert count(session, cast, Candidate) == 0
    assert ada.post(here, data={"basis": "stated", "words": answer}).status_code == 303
    assert count(session, cast, Note) == (answer == "take")


def test_the_same_file_again_says_that_nothing_changes(ada: FlaskClient) -> None:
    answers = {"basis": "stated", "past": "keep", "told": "yes"}
    ada.post(dropped(ada, first_of("herp.csv", FEW)), data=answers)
    here = dropped(ada, first_of("herp.csv", FEW))
    assert "全員がすでに同じ内容でRelayにいます" in plain(ada.get(here))
    ada.post(here, data=answers)
    assert "変わったところはありませんでした" in ada.get(here).text


@ON_ONE
@pytest.mark.parametrize(("name", "sentences"), list(BROKEN.items()))
def test_a_broken_file_is_refused_and_nothing_is_written(
    ada: FlaskClient, session: Session, cast: Cast, name: str, sentences: tuple[str, ...]
) -> None:
    answer = drop(ada, sample(f"broken/{name}"), name)
    assert answer.status_code == 422
    assert all(sentence in plain(answer) for sentence in (words.replace(" ", "") for words in sentences))
    assert count(session, cast, Import) == (name == "bad-rows.csv"), "rows can be put right, the rest is not kept"
    assert count(session, cast, Candidate) == 0
    previewed = select(func.count()).select_from(Event).where(Event.tag == EventTag.IMPORT_PREVIEWED.value)
    assert session.scalar(previewed) == 0


def many(rows: int) -> bytes:
    return sheet([{"氏名": f"山田 {number}", "メールアドレス": f"y{number}@mail.example"} for number in range(rows)])


def test_more_rows_than_a_page_takes_are_refused(ada: FlaskClient, session: Session, cast: Cast) -> None:
    answer = drop(ada, b"name\n" + b"x\n" * 50_001)
    assert answer.status_code == 422
    assert "50,000行まで" in answer.text
    assert count(session, cast, Import) == 0


def test_above_two_thousand_rows_the_worker_applies_and_the_page_follows(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    here = dropped(ada, many(2_001))
    assert "2,001行を順に読み取り" in plain(ada.get(here))
    assert ada.get(here, headers=HTMX).status_code == 200
    assert ada.post(here, data={"basis": "stated"}).location == here, "nothing can be answered yet"
    assert jobs.run_one(session, clock.now())
    assert "取り込みは裏で進みます" in plain(ada.get(here))
    assert ada.post(here, data={"basis": "stated"}).location == here
    assert ada.post(here, data={"basis": "stated"}).location == here
    assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == later.KIND)) == 1
    waiting = ada.get(here)
    assert "取り込んでいます" in waiting.text
    assert 'hx-trigger="every 2s"' in waiting.text
    assert f'<a class="btn" href="{here}">' in waiting.text, "without script the page is asked again by hand"
    assert "<html" not in ada.get(here, headers=HTMX).text
    assert ada.post(f"{here}/discard").location == here, "what is under way is not thrown away"
    assert count(session, cast, Candidate) == 0
    assert jobs.run_one(session, clock.now())
    assert session.scalars(select(Job.progress).where(Job.kind == later.KIND)).one() == 100
    assert ada.get(here, headers=HTMX).headers["HX-Redirect"] == here
    assert "2001名が新しく加わりました" in plain(ada.get(here))
    assert count(session, cast, Candidate) == 2_001
    applied = session.scalars(select(Event).where(Event.tag == EventTag.IMPORT_APPLIED.value)).one()
    assert applied.actor_id == cast.ada.id


def test_a_large_file_nobody_could_apply_says_so_and_can_be_thrown_away(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    here = dropped(ada, many(2_001))
    assert jobs.run_one(session, clock.now())
    ada.post(here, data={"basis": "stated"})
    session.execute(update(Job).where(Job.kind == later.KIND).values(state=JobState.DEAD))
    session.commit()
    page = ada.get(here)
    assert "このファイルを取り込めませんでした" in page.text
    assert "every 2s" not in page.text
    assert ada.post(f"{here}/discard").location == "/pool/import"
    assert ada.get(here).status_code == 410


def test_the_columns_are_shown_with_what_stands_in_them(ada: FlaskClient) -> None:
    here = dropped(ada, sample("hand-kept.xlsx"))
    assert f'href="{here}/columns"' in ada.get(here).text
    page = ada.get(f"{here}/columns")
    said = plain(page)
    assert "お名前例：渡邉ひかり/鈴木優子/金蓮" in said
    assert re.search(r'<option selected value="evaluation">', page.text)


def test_what_the_law_keeps_out_cannot_be_chosen_nor_is_it_shown(ada: FlaskClient) -> None:
    page = ada.get(f"{dropped(ada, sheet([WORDED]))}/columns")
    sex = page.text.index("<strong>性別")
    assert "<select" not in page.text[sex:]
    assert "女" not in page.text[sex:]


def test_a_corrected_column_is_read_anew_and_remembered(ada: FlaskClient, session: Session, cast: Cast) -> None:
    rows = [{"氏名": "山田 花子", "メールアドレス": "hana@mail.example", "区分Ａ": "×", "備考": "経理5年"}]
    here = dropped(ada, sheet(rows))
    assert "区分Ａあてはまる項目がない" in plain(ada.get(here))
    answers = {"c0": "name", "c1": "email", "c2": "end", "c3": "drop"}
    assert ada.post(f"{here}/columns", data=answers).location == here
    page = plain(ada.get(here))
    assert "見送り1" in page
    assert "備考取り込まないことにした列です" in page
    another = dropped(ada, sheet([dict(reversed(rows[0].items())) | {"氏名": "森 凛"}]))
    assert "見送り1" in plain(ada.get(another)), "the next file of the same shape, in another order"
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(ImportMapping.columns)).one() == {"区分a": "end", "備考": "drop"}
    ada.post(f"{another}/columns", data={"c0": "memo", "c1": "drop", "c2": "email", "c3": "name"})
    assert "見送り" not in plain(ada.get(another)).split("取り込まない列")[0].split("読み取った内容")[1][:60]


def test_a_file_without_a_known_column_of_names_asks_which_it_is(ada: FlaskClient, session: Session) -> None:
    data = "だれ,どこへ\n山田 花子,hana@mail.example\n".encode()
    columns = dropped(ada, data)
    assert columns.endswith("/columns")
    assert "氏名がどの列にあるか" in ada.get(columns).text
    refused = ada.post(columns, data={"c0": "drop", "c1": "email"})
    assert (refused.status_code, "氏名がどの列にあるか" in refused.text) == (422, True)
    here = ada.post(columns, data={"c0": "name", "c1": "email"}).location
    assert "一覧表から1行を読み取りました" in plain(ada.get(here))
    assert dropped(ada, data).endswith(tuple("0123456789")), "known from now on"


def test_other_companies_know_nothing_of_it(ada: FlaskClient, app: Flask, cast: Cast) -> None:
    here = dropped(ada, sample("doda.csv"))
    stranger = browse(app, cast.mona)
    for path in (here, f"{here}/rows", f"{here}/rows?page=1", f"{here}/columns", f"{here}/remarks"):
        assert ada.get(path).status_code == 200
        assert stranger.get(path).status_code == 404
    for path in (here, f"{here}/columns", f"{here}/discard"):
        assert stranger.post(path, data={"basis": "stated"}).status_code == 404
    assert here not in stranger.get("/pool/import").text
    assert ada.get(here).status_code == 200


def test_the_people_are_shown_fifty_at_a_time(ada: FlaskClient) -> None:
    here = dropped(ada, many(120))
    first = ada.get(here)
    assert re.findall(r'col-x1">y(\d+)@mail', first.text) == [str(each) for each in range(50)]
    assert f'href="{here}/rows?page=2"' in first.text
    for number, held in ((1, range(50)), (2, range(50, 100)), (3, range(100, 120))):
        shown = ada.get(f"{here}/rows?page={number}")
        assert re.findall(r'col-x1">y(\d+)@mail', shown.text) == [str(each) for each in held]
        assert f"{number}／3ページ（120名）" in shown.text
    for beyond in ("0", "4", "-1", "9" * 30):
        assert ada.get(f"{here}/rows?page={beyond}").status_code == 404
    assert ada.get(f"{here}/rows?page=x").status_code == 200, "what is no number is the first page"


def test_everything_there_is_to_say_can_be_downloaded(ada: FlaskClient) -> None:
    refused = drop(ada, sample("broken/bad-rows.csv"))
    path = re.search(r'href="(/pool/import/\d+/remarks)"', refused.text)
    assert path is not None
    answer = ada.get(path[1])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(answer.data.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["行", "列", "種類", "内容"]
    assert [(row[0], row[2]) for row in rows[1:]] == [
        *(("2", "修正が必要な箇所"), ("2", "修正が必要な箇所"), ("3", "修正が必要な箇所")),
        *(("5", "お知らせ"), ("6", "お知らせ")),
    ]


def test_no_cell_of_it_is_a_formula(ada: FlaskClient) -> None:
    here = dropped(ada, "氏名,=A1(電話番号)\n山田,12\n".encode())
    ada.post(f"{here}/columns", data={"c0": "name", "c1": "phone"})
    rows = list(csv.reader(ada.get(f"{here}/remarks").data.decode("utf-8-sig").splitlines()))
    assert "'=A1(電話番号)" in [row[1] for row in rows]


def test_a_refused_file_says_its_problems_again_and_can_have_its_columns_put_right(ada: FlaskClient) -> None:
    rows = [{"氏名": "山田 花子", "応募日": "未定です", "メールアドレス": "hana@mail.example"}]
    path = re.search(r'href="(/pool/import/\d+)/columns"', drop(ada, sheet(rows)).text)
    assert path is not None
    here = path[1]
    assert "1か所を修正して" in plain(ada.get(here))
    assert ada.post(here, data={"basis": "stated"}).location == here
    ada.post(f"{here}/columns", data={"c0": "name", "c1": "memo", "c2": "email"})
    assert "1名が新しく加わります" in plain(ada.get(here))


def test_a_whole_import_is_taken_back_from_its_page(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, first_of("herp.csv", FEW))
    ada.post(here, data={"basis": "stated", "past": "keep", "told": "yes"})
    path = re.search(r'action="(/pool/activity/\d+/undo)"', ada.get(here).text)
    assert path is not None
    assert ada.post(path[1]).status_code == 303
    assert count(session, cast, Candidate) == count(session, cast, Application) == 0
    again = ada.get(here).text
    assert "元に戻されています" in again
    assert "/undo" not in again


def test_an_excel_workbook_comes_in_like_any_file(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, sample("hand-kept.xlsx"))
    assert "シート「応募者一覧」の内容です" in plain(ada.get(here))
    ada.post(here, data={"basis": "stated", "past": "keep", "told": "yes"})
    assert count(session, cast, Candidate) == 60


def test_no_file_at_all_is_said_kindly(ada: FlaskClient) -> None:
    answer = ada.post("/pool/import", data={}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "取り込むファイルを選んでください" in answer.text


def test_a_file_thrown_away_is_gone(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, first_of("herp.csv", FEW))
    assert ada.post(f"{here}/discard").status_code == 303
    gone = ada.get(here)
    assert gone.status_code == 410
    assert "情報の消去やRelayの更新と一緒に破棄されました。何も取り込んでいません。" in gone.text
    assert ada.post(here, data={"basis": "stated"}).location == here
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Import.state)).all() == [ImportState.DISCARDED]
    assert on_the_disk() == set()
    assert count(session, cast, Candidate) == 0


def test_an_applied_file_cannot_be_thrown_away(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, sample("doda.csv"))
    ada.post(here, data={"basis": "stated"})
    assert ada.post(f"{here}/discard").location == here
    assert ada.get(here).status_code == 200


def test_a_file_waiting_for_answers_is_found_again(ada: FlaskClient) -> None:
    here = dropped(ada, first_of("herp.csv", FEW))
    page = ada.get("/pool/import")
    assert f'href="{here}"' in page.text
    assert "確認待ち" in page.text


def test_who_may_only_look_imports_nothing(vic: FlaskClient) -> None:
    assert vic.get("/pool/import").status_code == 403
    assert drop(vic, sample("herp.csv")).status_code == 403


def test_an_import_is_taken_back_without_whoever_changed_since(ada: FlaskClient, session: Session, cast: Cast) -> None:
    here = dropped(ada, b"\xef\xbb\xbf" + "氏名,結果\n秋山 澪,不採用\n秋山 凛,不採用\n".encode())
    ada.post(here, data={"basis": "stated", "past": "keep", "told": "no"})
    with scopes.company(session, cast.acme.id):
        mio = session.scalars(select(Candidate).where(Candidate.name == "秋山 澪")).one()
        entry_id = session.scalars(select(JournalEntry.id)).one()
    ada.post(f"/pool/{mio.id}/notes", data={"body": "電話で話した"})
    undone = f"/pool/activity/{entry_id}/undo"
    refused = ada.post(undone, follow_redirects=True)
    assert "元に戻しませんでした（秋山 澪）" in refused.text
    assert "その方を除いて元に戻す" in refused.text
    assert count(session, cast, Candidate) == 2
    told = ada.post(undone, data={"leave": "changed"}, follow_redirects=True)
    assert "変更があった1名を除く" in told.text
    session.rollback()
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate.name)).all() == ["秋山 澪"]
