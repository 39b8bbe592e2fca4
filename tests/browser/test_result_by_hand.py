"""Somebody withdraws by telephone: recorded on the record and in a row of 選考, with script and without, and undone."""

import re
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation

NUMBERS = count(1)
"""Each test enters somebody of its own."""
SIZES = [(390, False), (1440, True), (390, True)]
NAMES = ["phone-no-script", "desk", "phone"]


@pytest.mark.parametrize(("width", "script"), SIZES, ids=NAMES)
def test_a_withdrawal_by_telephone_leaves_whom_to_tell_until_it_is_taken_back(
    shared: Installation, chromium: Browser, width: int, script: bool
) -> None:
    office = Window(chromium, width=width, script=script)
    page = office.page
    people.open_session(page, shared, people.HR)
    name = enter(page, shared)
    record = page.url
    assert not waits_to_be_told(page, name, shared), "nobody is told while the selection runs"
    page.goto(record)
    open_form(page)
    page.get_by_label("見送り", exact=True).check()
    page.get_by_label("見送りの理由").select_option(label="採用人数の都合")
    page.get_by_role("button", name="この内容で記録する").click()
    expect(page.locator(".toasts")).to_contain_text(f"{name}さんの見送りを記録しました")
    assert waits_to_be_told(page, name, shared)

    page.goto(record)
    open_form(page)
    page.get_by_label("辞退").check()
    expect(page.get_by_label("見送りの理由"), "what belongs to another choice is not asked").to_be_hidden()
    page.get_by_label("日付").fill("11月99日")
    page.get_by_role("button", name="この内容で記録する").click()
    expect(page.locator("main")).to_contain_text("という日はありません")
    expect(page.get_by_label("辞退"), "what was chosen stays").to_be_checked()
    page.get_by_label("日付").fill("")
    page.get_by_role("button", name="この内容で記録する").click()
    expect(page).to_have_url(re.compile(rf"{re.escape(record)}\??$"))
    expect(page.locator(".toasts")).to_contain_text(f"{name}さんの辞退を記録しました")
    assert not waits_to_be_told(page, name, shared)

    page.goto(f"{shared.url}/pool/activity")
    page.get_by_role("button", name="元に戻す").first.click()
    expect(page.locator("body")).to_contain_text("元に戻しました")
    assert waits_to_be_told(page, name, shared)
    office.close()


@pytest.mark.parametrize(("width", "script"), SIZES, ids=NAMES)
def test_in_a_row_of_the_selection_and_back_in_the_same_list(
    shared: Installation, chromium: Browser, width: int, script: bool
) -> None:
    office = Window(chromium, width=width, script=script)
    page = office.page
    people.open_session(page, shared, people.HR)
    name = enter(page, shared)
    listed = f"{shared.url}/applications?end=open"
    page.goto(listed)
    page.get_by_role("link", name=f"{name}さんの結果・段階を記録する").click()
    page.get_by_label("次の段階へ").check()

    page.locator("select:visible").first.select_option("final")
    page.get_by_label("自社での呼び方").fill("社長面接")
    page.get_by_role("button", name="この内容で記録する").click()
    expect(page).to_have_url(listed)
    expect(page.locator(".toasts")).to_contain_text("「社長面接」へ進めました")
    if script:
        page.get_by_role("button", name="元に戻す").click()
        row = page.locator("#list-body tr", has_text=name)
        expect(row, "the list follows at once").not_to_contain_text("社長面接")
        expect(page.locator("body")).to_contain_text("元に戻しました")
    office.close()


@pytest.mark.parametrize(("width", "script"), SIZES, ids=NAMES)
def test_of_two_tabs_the_later_is_told_and_reload_back_and_double_clicks_record_once(
    shared: Installation, chromium: Browser, width: int, script: bool
) -> None:
    office = Window(chromium, width=width, script=script)
    page = office.page
    people.open_session(page, shared, people.HR)
    enter(page, shared)
    record = page.url
    other = office.context.new_page()
    for tab in (page, other):
        tab.goto(record)
        open_form(tab)
    page.get_by_label("入社").check()
    page.get_by_role("button", name="この内容で記録する").dblclick()
    expect(page.locator(".record-head")).to_contain_text("入社")
    other.get_by_label("辞退").check()
    other.get_by_role("button", name="この内容で記録する").click()
    expect(other.locator("main")).to_contain_text("ほかの画面から変更されました")

    page.reload()
    page.go_back()
    page.go_forward()
    page.goto(f"{record}?show=selection")
    expect(page.get_by_text("入社を記録しました", exact=True)).to_have_count(1)
    office.close()


def open_form(page: Page) -> None:
    """The form of the one application on the record."""
    page.get_by_role("link", name=re.compile("結果・段階を記録する")).click()
    expect(page.get_by_label("辞退")).to_be_visible()


def waits_to_be_told(page: Page, name: str, site: Installation) -> bool:
    page.goto(f"{site.url}/results")
    return name in page.locator("main").inner_text()


def enter(page: Page, site: Installation) -> str:
    """Somebody new by hand, with an application; gives the name."""
    number = next(NUMBERS)
    name = f"髙橋 すみれ{number:02}"
    page.goto(f"{site.url}/pool/new")
    page.locator("#name").fill(name)
    page.locator("#email").fill(f"sumire{number}@mail.example")
    page.locator("#position").fill("経理")
    page.get_by_label(re.compile("応募のときにお伝えしている")).check()
    page.get_by_role("button", name="登録する").click()
    expect(page.locator("h1")).to_contain_text(name)
    return name
