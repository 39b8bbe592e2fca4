"""A position opens and the pool answers: three mails in five clicks, and on a phone a yes in two taps.

With and without script; with a reload, Back, and a button pressed twice.
"""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, link_to

TITLE = "経理（秋の募集）"


def test_from_a_position_to_a_yes_on_a_phone(site: Installation, chromium: Browser) -> None:
    site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "consented", "--told", "yes", "--past", "keep")
    site.start()
    office = Window(chromium, width=1440, script=True)
    hr = office.page
    people.open_session(hr, site, people.HR)
    people.set_delay(hr, site, 0)
    _write_position(hr, site)
    hr.get_by_role("link", name="合いそうな方を見る").click()
    expect(hr.get_by_role("heading", name=re.compile("合いそうな順に"))).to_be_visible()
    clicks = 0
    for row in range(3):
        hr.locator("tbody input[name=id]").nth(row).check()
        clicks += 1
    hr.get_by_role("button", name="選んだ方への文面を見る").click()
    expect(hr.locator("pre.mailtext")).to_have_count(3)
    expect(hr.locator("pre.mailtext").first).to_contain_text(TITLE)
    hr.get_by_role("button", name="3名に送る").click()
    clicks += 2
    expect(hr.get_by_text("3名に再スカウトのメールを送ります").first).to_be_visible()
    assert clicks <= 5
    links = [link_to(mail, "/again/") for mail in site.wait_for_mails(3, linking="/again/")]

    _say_yes(chromium, links[0], script=False)
    _wait(chromium, links[1])
    hr.goto(f"{site.url}/")
    expect(hr.get_by_text("再スカウトに「話を聞きたい」と返事のあった方")).to_be_visible()
    hr.get_by_role("link", name="応募を見る").click()
    row = hr.locator("tbody tr").filter(has_text="再応募")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("以前：")
    office.close()


def _write_position(page: Page, site: Installation) -> None:
    page.goto(f"{site.url}/positions/new")
    page.get_by_label("求人の名前").fill(TITLE)
    page.get_by_label("仕事の内容").fill("経理 仕訳 決算 簿記")
    page.get_by_role("textbox", name="勤務地").fill("長野県岡谷市")
    page.get_by_role("button", name="求人を作成する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)


def _say_yes(chromium: Browser, link: str, *, script: bool) -> None:
    """Open the mail's link, and press once: two taps. Pressed again from the page of before, nothing more happens."""
    window = Window(chromium, width=390, script=script)
    page = window.page
    people.scan(link, 3)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="はい、話を聞きたい").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("応募を受け付けました")
    page.reload()
    page.go_back()
    again = page.get_by_role("button", name="はい、話を聞きたい")
    if again.count():  # the page of before: its form changes nothing a second time
        again.click()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("応募を受け付けました")
    window.close()


def _wait(chromium: Browser, link: str) -> None:
    window = Window(chromium, width=390, script=True)
    page = window.page
    page.goto(link)
    page.get_by_role("button", name="3か月待つ").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ご案内をお送りしません")
    expect(page.get_by_role("button", name="はい、話を聞きたい")).to_be_hidden()
    page.get_by_text("別のお返事を選ぶ").click()
    expect(page.get_by_role("button", name="はい、話を聞きたい")).to_be_visible()
    assert window.errors == [], window.errors
    window.close()
