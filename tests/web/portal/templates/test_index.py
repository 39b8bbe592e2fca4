"""Templates: a version for each change, what a text may not hold, what is asked about first, and the preview."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import browse
from tests.conftest import ON_ONE
from tests.web.portal.conftest import HTMX
from tests.web.portal.desk import Desk

BODY = "{{氏名}} 様\n\n今回は見送らせていただきます。\n\n{{ひとこと}}\n\n{{会社名}} {{担当者}}"
TEXT = {"name": "いつもの", "subject": "結果のご連絡（{{会社名}}）", "body": BODY}


def test_a_company_begins_with_three_for_results_and_one_for_open_positions(desk: Desk) -> None:
    page = desk.browser.get("/templates").text
    for name in ("書類選考後", "面接後", "簡潔"):
        assert name in page


def test_a_text_of_another_letter_is_filled_with_what_that_letter_knows(desk: Desk) -> None:
    begun = desk.browser.get("/templates/new?letter=rescout").text
    assert 'name="letter" type="hidden" value="rescout"' in begun and "{{求人}}" in begun
    text = TEXT | {"letter": "rescout", "name": "短いご案内", "body": "{{氏名}} 様\n\n{{求人}}のご案内です。"}
    shown = desk.browser.post("/templates/preview", data=text, headers=HTMX)
    assert "経理のご案内です。" in shown.text
    assert desk.browser.post("/templates/new", data=text | {"body": "{{応募職種}}"}).status_code == 422
    assert desk.browser.post("/templates/new", data=text).status_code == 303
    listed = desk.browser.get("/templates").text
    assert "短いご案内" in listed and "再スカウト</span>" in listed


def test_a_template_is_made_and_offered_where_results_are_written(desk: Desk) -> None:
    assert desk.browser.post("/templates/new", data=TEXT).status_code == 303
    assert "いつもの" in desk.browser.get("/templates").text
    assert ">いつもの</option>" in desk.browser.get(desk.begin(desk.people(1))).text


def test_each_change_is_a_version_and_none_is_none(desk: Desk) -> None:
    before = desk.text("簡潔")
    form = {"name": "簡潔", "subject": before.subject, "body": f"{before.body}\n\n以上です。", "version": "1"}
    assert desk.browser.post(f"/templates/{before.id}", data=form).status_code == 303
    assert desk.text("簡潔").version == 2
    desk.browser.post(f"/templates/{before.id}", data=form | {"version": "2"})
    assert desk.text("簡潔").version == 2


def test_a_mail_that_waits_keeps_the_text_it_was_written_with(desk: Desk) -> None:
    desk.told(desk.people(1))
    [message] = desk.messages()
    text = desk.text("面接後")
    desk.browser.post(f"/templates/{text.id}", data=TEXT | {"name": text.name, "version": "1"})
    assert "お忙しいなか" in desk.browser.get(f"/results/messages/{message.id}/mail").text


def test_two_who_edit_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    text = desk.text("簡潔")
    form = {"name": "簡潔", "subject": text.subject, "version": "1"}
    desk.browser.post(f"/templates/{text.id}", data=form | {"body": BODY})
    late = desk.browser.post(f"/templates/{text.id}", data=form | {"body": f"{BODY}\n\nあとから"})
    assert late.status_code == 422
    assert "ほかの方がこのテンプレートを保存しました" in late.text
    assert "あとから" in late.text
    assert desk.text("簡潔").version == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"body": "{{面接官}}です"}, "{{面接官}}は使えません"),
        ({"body": "{{年齢}}の方へ"}, "{{年齢}}という差し込みはありません"),
        ({"body": "{{氏名}} 様 {{会社名}"}, "波かっこが片方だけ"),
        ({"body": "登録でお祝い金を差し上げます"}, "「お祝い金」は使えません"),
        ({"body": "ポイント進呈中"}, "「ポイント進呈」は使えません"),
        ({"subject": "結" * 61}, "60文字までにしてください"),
        ({"subject": "{{ひとこと}}"}, "本文にだけ置けます"),
        ({"subject": ""}, "入力してください"),
        ({"name": ""}, "入力してください"),
        ({"name": "簡潔"}, "という名前のテンプレートがすでにあります"),
    ],
)
def test_what_a_text_may_not_hold_is_said_and_nothing_is_kept(desk: Desk, change: dict[str, str], said: str) -> None:
    refused = desk.browser.post("/templates/new", data=TEXT | change)
    assert refused.status_code == 422
    assert said in refused.text
    assert desk.browser.get("/templates").text.count("/templates/new?of=") == 4


@ON_ONE
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"{BODY}\n\n残念ながら、残念ながら。", "「残念ながら」が2回"),
        (f"{BODY}\n\n不採用者の方へ", "「不採用者」は"),
        ("見送りです。", "{{氏名}}がありません"),
        (f"{BODY}\n\nお話が印象に残っています。", "個人へ語りかけるような言葉"),
        (f"{BODY}\n\n国籍は問いません。", "「国籍」は"),
    ],
)
def test_what_deserves_a_second_thought_is_asked_once(desk: Desk, body: str, said: str) -> None:
    asked = desk.browser.post("/templates/new", data=TEXT | {"body": body})
    assert asked.status_code == 422
    assert said in asked.text
    assert 'name="confirmed"' in asked.text
    assert desk.browser.post("/templates/new", data=TEXT | {"body": body, "confirmed": "1"}).status_code == 303


def test_a_template_put_away_is_not_offered_until_it_comes_back(desk: Desk) -> None:
    text = desk.text("簡潔")
    desk.browser.post(f"/templates/{text.id}/archive")
    page = desk.begin(desk.people(1))
    assert ">簡潔</option>" not in desk.browser.get(page).text
    desk.browser.post(f"/templates/{text.id}/restore")
    assert ">簡潔</option>" in desk.browser.get(page).text


def test_without_any_template_writing_says_what_to_do(desk: Desk) -> None:
    for name in ("書類選考後", "面接後", "簡潔"):
        desk.browser.post(f"/templates/{desk.text(name).id}/archive")
    page = desk.begin(desk.people(1))
    refused = desk.save(page, go="confirm")
    assert refused.status_code == 422
    assert "使えるテンプレートがありません" in refused.text


def test_the_preview_is_the_real_mail_and_the_last_good_one_stays(desk: Desk) -> None:
    part = desk.browser.post("/templates/preview", data=TEXT, headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert 'id="sample"' in part.text
    mail = desk.browser.get("/templates/sample/mail")
    assert "山田 はるか 様" in mail.text
    assert "任意" in mail.text
    assert "sandbox" in mail.headers["Content-Security-Policy"]

    bad = desk.browser.post("/templates/preview", data=TEXT | {"body": "{{謎}}"}, headers=HTMX)
    assert "{{謎}}という差し込みはありません" in bad.text
    assert 'id="sample"' not in bad.text
    assert "山田 はるか 様" in desk.browser.get("/templates/sample/mail").text


def test_without_script_the_preview_comes_with_the_typed_text(desk: Desk) -> None:
    page = desk.browser.post("/templates/preview", data=TEXT | {"template_id": str(desk.text("簡潔").id)})
    assert page.status_code == 200
    assert "いつもの" in page.text
    assert 'src="/templates/sample/mail"' in page.text
    assert desk.text("簡潔").version == 1


def test_a_viewer_reads_and_changes_nothing(desk: Desk, vic: FlaskClient) -> None:
    text = desk.text("簡潔")
    assert "<textarea" not in vic.get(f"/templates/{text.id}").text
    assert vic.get("/templates/new").status_code == 403
    for path in ("new", f"{text.id}", f"{text.id}/archive", f"{text.id}/restore", "preview"):
        assert vic.post(f"/templates/{path}", data=TEXT).status_code == 403


def test_another_company_does_not_find_it(desk: Desk, app: Flask) -> None:
    text, mona = desk.text("簡潔"), browse(app, desk.cast.mona)
    assert mona.get(f"/templates/{text.id}").status_code == 404
    assert mona.get(f"/templates/{text.id}/mail").status_code == 404
    for path in (f"{text.id}", f"{text.id}/archive", f"{text.id}/restore"):
        assert mona.post(f"/templates/{path}", data=TEXT).status_code == 404
    assert "簡潔" not in mona.get("/templates").text
