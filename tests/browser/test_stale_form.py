"""Two windows on one record: the second to save sees both values and chooses; with script and without."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation


@pytest.mark.parametrize(("width", "script"), [(390, False), (1440, True)], ids=["phone-no-script", "desk"])
def test_the_second_window_chooses_between_both_values(
    shared: Installation, chromium: Browser, width: int, script: bool
) -> None:
    first, second = (Window(chromium, width=width, script=script) for _each in range(2))
    name = f"髙橋 花{width}"
    people.open_session(first.page, shared, people.HR)
    people.open_session(second.page, shared, people.HR)
    first.page.goto(f"{shared.url}/pool/new")
    first.page.locator("#name").fill(name)
    first.page.get_by_label("人材プールでの保管を、応募のときにお伝えしている").check()
    first.page.get_by_role("button", name="登録する").click()
    expect(first.page.locator("h1")).to_contain_text(name)
    for window in (first, second):
        window.page.goto(f"{first.page.url.removesuffix('/facts')}/facts")

    first.page.locator("#kana").fill("タカハシ スミレ")
    first.page.get_by_role("button", name="変更を保存する").click()
    expect(first.page.locator("h1")).to_contain_text("タカハシ スミレ")
    second.page.locator("#kana").fill("タカハシ スミ")
    second.page.locator("#desired_role").fill("経理")
    second.page.get_by_role("button", name="変更を保存する").click()

    said = second.page.locator("main")
    expect(said).to_contain_text("この画面を開いたあとに、別の方が保存しました")
    choice = second.page.get_by_role("group", name="フリガナ")
    expect(choice).to_contain_text("タカハシ スミレ")
    choice.get_by_label("入力した内容").check()
    second.page.get_by_role("button", name="変更を保存する").click()
    expect(second.page.locator("h1")).to_contain_text("タカハシ スミ")
    expect(said).to_contain_text("経理")
    for window in (first, second):
        window.close()
