"""The pool worked by keyboard alone: search, select, tag, set the follow-up, take back. Not one click."""

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation


def rows_with(page: Page, tag: str) -> Locator:
    return page.locator("#rows tbody tr", has=page.locator(".tag", has_text=tag))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_search_select_tag_and_take_back_without_a_mouse(stocked: Installation, chromium: Browser) -> None:
    office = Window(chromium, width=1440, script=True)
    page = office.page
    people.open_session(page, stocked, people.HR)
    page.goto(f"{stocked.url}/pool")

    press(page, "/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("営業")
    expect(page.locator("#list-body .applied")).to_contain_text("営業")
    press(page, "Escape", "x", "j", "j", "x")
    expect(page.locator("#rows tbody .pick:checked")).to_have_count(2)
    expect(page.locator("#bulk [data-count]")).to_have_text("2")

    press(page, "t")
    expect(page.locator("#bulk-tag")).to_be_focused()
    page.keyboard.type("jkxtez")  # keys are letters while one types
    press(page, "Enter")
    expect(page.locator("#status")).to_contain_text("2名に「jkxtez」を付けました")
    expect(rows_with(page, "jkxtez")).to_have_count(2)
    expect(page.locator("#rows tbody .pick:checked")).to_have_count(2)

    press(page, "e")
    expect(page.locator("#bulk-follow-up")).to_be_focused()
    press(page, "ArrowDown", "ArrowDown", "Tab", "Enter")
    expect(page.locator("#status")).to_contain_text("2名の今後の対応を「再スカウト候補」にしました")

    press(page, "z")
    expect(page.locator("#status")).to_contain_text("元に戻しました")
    press(page, "z")
    expect(rows_with(page, "jkxtez")).to_have_count(0)

    press(page, "?")
    expect(page.get_by_role("dialog", name="キーボードで使う")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog", name="キーボードで使う")).to_be_hidden()
    press(page, "k", "Enter")
    expect(page).not_to_have_url(f"{stocked.url}/pool")
    assert not office.errors, office.errors
    office.close()


def test_everybody_who_fits_is_tagged_and_untagged_from_the_record_of_acts(
    stocked: Installation, chromium: Browser
) -> None:
    """The same without script: the page first, then all, the way back after a reload."""
    office = Window(chromium, width=390, script=False)
    page = office.page
    people.open_session(page, stocked, people.HR)
    page.goto(f"{stocked.url}/pool")
    total = page.locator("#pool-count .num").inner_text()
    page.locator("#rows tbody .pick").first.check()
    page.get_by_role("link", name=f"条件に合う{total}すべてを選択").click()
    expect(page.locator("#bulk")).to_contain_text(f"{total}を選択中")
    page.locator("#bulk-tag").fill("全員")
    page.locator("#bulk-add").click()
    expect(page.locator("#status")).to_contain_text("名に「全員」を付けました")
    page.goto(f"{stocked.url}/pool?q=tag:全員")
    expect(page.locator("#pool-count .num")).to_have_text(total)

    page.goto(f"{stocked.url}/pool/activity")
    page.get_by_role("button", name="元に戻す").first.click()
    expect(page.locator("#activity")).to_contain_text("元に戻した")
    page.goto(f"{stocked.url}/pool")
    expect(rows_with(page, "全員")).to_have_count(0)
    office.close()
