"""One's own login in a real browser: the second factor from picture to recovery code, and the end of a session."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.test_accessibility import problems
from tests.installation import PASSWORD, Installation


def code_of(page: Page) -> str:
    """The code an app shows that was given the text under the picture."""
    return pyotp.TOTP(page.locator("[data-secret]").inner_text().replace(" ", "")).now()


def give_password(page: Page, site: Installation) -> None:
    """As far as the password goes."""
    page.goto(f"{site.url}/login")
    page.get_by_label("メールアドレス").fill(people.HR)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログインする").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_second_factor_is_set_up_and_used(site: Installation, chromium: Browser, script: bool) -> None:
    site.start()
    window = Window(chromium, width=390, script=script)
    page = window.page
    people.open_session(page, site, people.HR)
    page.goto(f"{site.url}/account/second-factor")
    page.get_by_role("button", name="設定をはじめる").click()
    picture = page.get_by_role("img", name=re.compile("認証アプリで読み取る図"))
    expect(picture).to_be_visible()
    if script:
        assert picture.evaluate("image => image.complete && image.naturalWidth > 100"), "the policy lets it show"
        assert problems(page, "here") == []
    page.get_by_label("アプリに表示された6桁の数字").fill(code_of(page))
    page.get_by_role("button", name="確認して有効にする").click()
    codes = page.locator(".codes li")
    expect(codes).to_have_count(10)
    if script:
        assert problems(page, "here") == []
    recovery = codes.first.inner_text().strip()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="ファイルに保存する").click()
    saved = waiting.value.path().read_text(encoding="utf-8")
    assert recovery in saved
    page.get_by_role("link", name="保管を確認して先へ進む").click()

    again = Window(chromium, width=1440, script=script)
    give_password(again.page, site)
    expect(again.page.get_by_role("heading", level=1)).to_have_text("確認コードの入力")
    again.page.get_by_label("確認コード").fill("000000")
    again.page.get_by_role("button", name="ログインする").click()
    expect(again.page.locator(".notice--danger")).to_contain_text("コードが違うか、期限が過ぎています")
    again.page.get_by_label("確認コード").fill(recovery)
    again.page.get_by_role("button", name="ログインする").click()
    expect(again.page).not_to_have_url(re.compile("/login"))
    window.close()
    again.close()


def test_before_the_session_ends_one_key_keeps_it(site: Installation, chromium: Browser) -> None:
    site.start()
    window = Window(chromium, width=1440, script=True)
    page = window.page
    page.clock.install()
    people.open_session(page, site, people.HR)
    page.goto(f"{site.url}/account")
    page.locator("input[name=name]").fill("書きかけの 名前")
    dialog = page.get_by_role("dialog", name="まもなく自動でログアウトします")
    expect(dialog).to_be_hidden()
    _rest(site, minutes=29)
    page.clock.fast_forward("28:30")
    expect(dialog).to_be_visible()
    assert problems(page, "here") == []
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert _left(site) > timedelta(minutes=29)

    _rest(site, minutes=31)
    page.clock.fast_forward("29:00")
    expect(page.locator("#trouble")).to_contain_text("ログインの期限が切れました")
    expect(page.locator("input[name=name]")).to_have_value("書きかけの 名前")
    window.context.close()


def test_without_script_a_form_waits_for_the_login(site: Installation, chromium: Browser) -> None:
    site.start()
    window = Window(chromium, width=390, script=False)
    page = window.page
    people.open_session(page, site, people.HR)
    page.goto(f"{site.url}/account")
    page.locator("input[name=name]").fill("書きかけの 名前")
    _rest(site, minutes=31)
    page.get_by_role("button", name="お名前を保存する").click()
    expect(page.get_by_role("main")).to_contain_text("ログインの期限が切れました")
    page.get_by_label("メールアドレス").fill(people.HR)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログインする").click()
    page.get_by_role("button", name="残っている内容を送る").click()
    expect(page).to_have_url(f"{site.url}/account")
    expect(page.locator("input[name=name]")).to_have_value("書きかけの 名前")
    window.close()


def _rest(site: Installation, *, minutes: int) -> None:
    """Let the person have done nothing for so long."""
    with sqlite3.connect(site.folder / "relay.sqlite3") as database:
        moment = datetime.now(UTC) - timedelta(minutes=minutes)
        database.execute("UPDATE user_sessions SET last_seen_at = ?", (moment.strftime("%Y-%m-%d %H:%M:%S.%f"),))


def _left(site: Installation) -> timedelta:
    with sqlite3.connect(site.folder / "relay.sqlite3") as database:
        [(seen,)] = database.execute("SELECT last_seen_at FROM user_sessions").fetchall()
    return datetime.fromisoformat(seen).replace(tzinfo=UTC) + timedelta(minutes=30) - datetime.now(UTC)
