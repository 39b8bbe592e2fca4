"""A waiting queue can be stopped from every page, with and without script; then nothing leaves, nothing was decided."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_stopping_keeps_everybody_back(stocked: Installation, chromium: Browser, script: bool) -> None:
    office = Window(chromium, width=390, script=script)
    page = office.page
    people.open_session(page, stocked, people.HR)
    people.tell_results(page, stocked, 3)

    page.goto(f"{stocked.url}/pool")
    bar = page.get_by_role("region", name=re.compile("送信を待っている"))
    expect(bar).to_contain_text("3")
    if script:
        expect(bar, "the bar counts down").not_to_have_text(bar.inner_text(), use_inner_text=True)
    bar.get_by_role("button", name=re.compile("停止する")).click()
    expect(page.locator("body")).to_contain_text("停止しました")

    page.goto(f"{stocked.url}/applications?end=open")
    expect(page.locator("#list-count")).to_contain_text("34")
    page.goto(f"{stocked.url}/results/waiting")
    expect(page.get_by_role("region", name=re.compile("送信を待っている"))).to_have_count(0)
    assert stocked.smtp.received == []
    office.close()
