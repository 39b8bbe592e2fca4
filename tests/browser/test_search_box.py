"""The pool's search box: ways to go on while typing, what cannot be read, counts after the page; without script too."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation


@pytest.mark.parametrize("width", [1440, 390])
def test_searching_with_operators_while_typing(stocked: Installation, chromium: Browser, width: int) -> None:
    office = Window(chromium, width=width, script=True)
    page = office.page
    people.open_session(page, stocked, people.HR)
    page.goto(f"{stocked.url}/pool")
    expect(page.locator("#n-end-rejected")).to_have_text(re.compile("[0-9]+"))
    box = page.locator("#search")
    box.press_sequentially("channel")
    expect(page.locator("#search-words option").first).to_have_attribute("value", "channel:")
    box.fill("")
    box.press_sequentially("end:見送り -辞退")
    expect(page.locator("#list-body .applied")).to_contain_text("結果：見送り")
    expect(page.locator("#list-body .applied")).to_contain_text("「辞退」を除く")
    expect(box).to_be_focused()
    box.fill("end:見送り tga:x")
    expect(page.locator("mark.wrong")).to_have_text("tga:x")
    expect(page.locator("#rows")).to_have_count(0)
    box.fill("営業")
    expect(page.locator("#rows mark").first).to_be_attached()
    expect(page.locator("mark.wrong")).to_have_count(0)
    page.get_by_text("この条件を保存する").click()
    page.get_by_label("名前").fill(f"営業の方{width}")
    page.get_by_label("社内で共有する").check()
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.get_by_role("link", name=f"営業の方{width}")).to_have_attribute("aria-current", "page")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not office.errors, office.errors
    office.close()


def test_without_script_the_same_search_is_a_form(stocked: Installation, chromium: Browser) -> None:
    office = Window(chromium, width=1440, script=False)
    page = office.page
    people.open_session(page, stocked, people.HR)
    page.goto(f"{stocked.url}/pool")
    page.locator("#search").fill("営業 -辞退")
    page.locator("#search").press("Enter")
    expect(page.locator("#list-body .applied")).to_contain_text("「辞退」を除く")
    expect(page.locator("#rows mark").first).to_be_attached()
    page.get_by_role("link", name="条件ごとの人数を数える").click()
    expect(page.locator("#n-end-rejected")).to_have_text(re.compile("[0-9]+"))
    office.close()
