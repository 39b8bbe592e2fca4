"""HR writes a position out, on a phone without script and at a desk with it: what is wrong is said, nothing is lost."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation


@pytest.mark.parametrize(("width", "script"), [(390, False), (1440, True)])
def test_a_position_is_written_closed_and_opened_again(
    shared: Installation, chromium: Browser, width: int, script: bool
) -> None:
    window, title = Window(chromium, width=width, script=script), f"生産技術（{width}）"
    page = window.page
    people.open_session(page, shared, people.HR)
    page.goto(f"{shared.url}/positions")
    page.get_by_role("link", name="求人を作成する").first.click()
    _write(page, title, script=script)
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    expect(page.get_by_text("年収400万円〜600万円")).to_be_visible()
    expect(page.get_by_text("経理事務").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="募集を終了する").click()
    expect(page.get_by_text("に募集を終了しました")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="募集を再開する").click()
    expect(page.get_by_role("button", name="募集を終了する")).to_be_visible()
    page.get_by_role("link", name="複製する").click()
    expect(page.get_by_label("求人の名前")).to_have_value("")
    expect(page.get_by_label("給与の下限")).to_have_value("400万円")
    page.get_by_label("求人の名前").fill(title)
    page.get_by_role("button", name="求人を作成する").click()
    expect(page.get_by_text("すでにあります").first).to_be_visible()
    window.close()


def _write(page: Page, title: str, *, script: bool) -> None:
    """Send a sum that cannot be read first: all else stays typed. An occupation is found by a part of its name."""
    page.get_by_label("求人の名前").fill(title)
    page.get_by_label("仕事の内容").fill("治具の設計と改善")
    page.get_by_label("給与の単位").select_option(label="年収")
    page.get_by_label("給与の下限").fill("よんひゃく")
    page.get_by_label("給与の上限").fill("600万")
    page.get_by_role("searchbox", name="職種").press_sequentially("経理")
    if not script:
        page.get_by_role("button", name="求人を作成する").click()
    page.get_by_label("経理事務", exact=True).check()
    page.get_by_role("button", name="求人を作成する").click()
    expect(page.get_by_text("金額として読めません").first).to_be_visible()
    expect(page.get_by_label("仕事の内容")).to_have_value("治具の設計と改善")
    page.get_by_label("給与の下限").fill("400万")
    page.get_by_role("button", name="求人を作成する").click()
