"""HR's day: a rule from a search, a login that ends while one types, a draft taken up again, a mail for Monday."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, installation


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Installation]:
    """A company with the applicants of a file, started once for the tests of this day."""
    folder = tmp_path_factory.mktemp("day")
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    with installation(folder) as site:
        site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated", "--told", "no")
        site.start()
        yield site


def end_sessions(site: Installation) -> None:
    """Let everybody have been away for longer than a session lasts."""
    with sqlite3.connect(site.folder / "relay.sqlite3") as database:
        database.execute("UPDATE user_sessions SET last_seen_at = '2026-01-01 00:00:00.000000'")


def back_after_login(page: Page, site: Installation) -> None:
    """Sign in as the notice says, in another tab, and come back to this one."""
    expect(page.locator("#trouble")).to_contain_text("ログインの期限が切れました")
    with page.context.expect_page() as opened:
        page.locator("#trouble").get_by_role("link", name="別のタブでログイン").click()
    people.sign_in(opened.value, site, people.HR)
    opened.value.close()
    page.bring_to_front()
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        page.evaluate("window.dispatchEvent(new Event('focus'))")


@pytest.mark.parametrize(("width", "script"), [(390, False), (1440, True)], ids=["phone-no-script", "desk"])
def test_a_search_becomes_a_rule(office: Installation, chromium: Browser, width: int, script: bool) -> None:
    window = Window(chromium, width=width, script=script)
    page, tag = window.page, f"最終まで{width}"
    people.open_session(page, office, people.HR)
    page.goto(f"{office.url}/pool?q=選考段階:最終&end=rejected")
    found = page.locator("#pool-count").inner_text().strip()
    page.get_by_role("link", name="この条件でタグを自動で付ける").click()
    condition = page.get_by_label(re.compile("^どのような方に"))
    expect(condition).to_have_value("選考段階:最終 結果:見送り")
    expect(page.locator("#rule-fitting")).to_contain_text(f"いま条件に合う方は{found}です")

    condition.fill("最終面接まで行った人")
    if not script:
        page.get_by_role("button", name="当てはまる人数を確認する").click()
    expect(page.locator("#rule-fitting")).to_contain_text("いまは当てはまる方がいません")
    condition.fill("選考段階:最終 結果:見送り")
    page.get_by_label(re.compile("^付けるタグ")).fill(tag)
    page.get_by_role("button", name="ルールを作って開始する").click()
    expect(page.locator("body")).to_contain_text(f"いま当てはまる{found}に適用しました")
    page.goto(f"{office.url}/pool?q=タグ:{tag}")
    expect(page.locator("#pool-count")).to_have_text(re.compile(found))
    window.close()


def test_a_memo_and_a_draft_survive_a_login_in_another_tab(office: Installation, chromium: Browser) -> None:
    window = Window(chromium, width=1440, script=True)
    page = window.page
    people.open_session(page, office, people.HR)
    page.goto(f"{office.url}/pool")
    page.locator("a.who").first.click()
    record = page.url
    page.get_by_label("メモを残す").fill("春にもう一度お話ししたい")
    end_sessions(office)
    page.get_by_role("button", name="メモを保存する").click()
    expect(page.locator("#trouble")).to_be_visible()
    assert page.locator("#trouble").evaluate("it => !it.parentElement.matches('.cols')"), "the columns stay apart"
    back_after_login(page, office)
    expect(page.get_by_label("メモを残す")).to_have_value("春にもう一度お話ししたい")
    page.get_by_role("button", name="メモを保存する").click()
    expect(page.locator("#timeline")).to_contain_text("春にもう一度お話ししたい")
    expect(page.locator("#trouble")).to_have_count(0)

    page.get_by_label("メモを残す").fill("夏にも連絡する")
    window.context.clear_cookies()
    people.open_session(page, office, people.HR)  # signed out and in again elsewhere: the form has the old token
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        page.get_by_role("button", name="メモを保存する").click()
    expect(page.locator("#trouble")).to_be_visible()
    page.get_by_role("button", name="メモを保存する").click()
    expect(page.locator("#timeline")).to_contain_text("夏にも連絡する")

    second = window.context.new_page()
    for tab in (page, second):
        tab.goto(record)
        tab.get_by_role("link", name="編集・削除する").first.click()
    second.locator("textarea[name=body]").fill("春に電話する")
    second.get_by_role("button", name=re.compile("保存")).first.click()
    expect(second.locator("#timeline")).to_contain_text("春に電話する")
    second.close()
    page.locator("textarea[name=body]").fill("春にメールする")
    page.get_by_role("button", name=re.compile("保存")).first.click()
    expect(page.locator("main")).to_contain_text("ほかの画面から先に変更されました")
    expect(page.locator("textarea[name=body]")).to_have_value("春にメールする")

    page.goto(f"{office.url}/results")
    page.locator("tbody input[name=id]").first.check()
    page.locator("#search").fill("だれの名前でもない")
    expect(page.locator("#list-body")).to_contain_text("選んだ1名は、選ばれたままです")
    page.locator("#search").fill("")
    expect(page.locator("tbody input[name=id]:checked")).to_have_count(1)
    page.reload()
    expect(page.locator("tbody input[name=id]:checked")).to_have_count(1)
    page.get_by_role("button", name="結果連絡を書く").click()
    page.locator("textarea.remark").first.fill("最後までありがとうございました")
    end_sessions(office)
    page.locator("textarea.remark").first.press("Tab")
    back_after_login(page, office)
    remark = page.locator("textarea.remark").first
    expect(remark).to_have_value("最後までありがとうございました")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        remark.press_sequentially("。")
        remark.press("Tab")
    page.goto(f"{office.url}/")
    page.goto(f"{office.url}/results/drafts")
    page.get_by_role("link", name=re.compile("続きを書く")).first.click()
    expect(page.locator("textarea.remark").first).to_have_value("最後までありがとうございました。")

    page.get_by_role("button", name=re.compile("確認へ進む")).click()
    choice = page.locator("label.check").filter(has_text=re.compile("の朝（|来週のはじめ（")).last
    words = choice.inner_text().strip()
    choice.get_by_role("radio").check()
    odd = page.get_by_label(re.compile("気になる書き方のある"))
    if odd.count():
        odd.check()
    page.get_by_role("button", name="1名に送る").click()
    expect(page).to_have_url(re.compile("/results/waiting"))
    when = re.search("（(.+)）$", words)
    assert when is not None, words
    expect(page.locator("main")).to_contain_text(f"{when[1]}に送信")
    assert office.smtp.received == []
    page.get_by_role("button", name="この1名への送信を停止する").click()
    expect(page.locator("body")).to_contain_text("停止しました")
    window.context.close()
