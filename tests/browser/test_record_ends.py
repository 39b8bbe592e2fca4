"""A record that ends: HR reads and sends the letter; on a phone one person keeps it, another erases it.

With and without script; with Back, a reload and a form sent twice.
"""

import re
import sqlite3
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect

from relay import clock
from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, link_to

LAST = clock.today() + timedelta(days=20)
DAY = f"{LAST.year}年{LAST.month}月{LAST.day}日"
KEEP = re.compile("同意して、.*まで続ける")


def test_from_the_list_to_the_answers(site: Installation, chromium: Browser) -> None:
    site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated", "--told", "yes", "--past", "keep")
    site.start()
    _let_records_end(site)
    office = Window(chromium, width=1440, script=True)
    hr = office.page
    people.open_session(hr, site, people.HR)
    people.set_delay(hr, site, 0)
    hr.goto(f"{site.url}/pool/leaving")
    for row in range(2):
        hr.locator("tbody input[name=id]").nth(row).check()
    hr.get_by_role("button", name="選んだ方への文面を見る").click()
    expect(hr.locator("pre.mailtext")).to_have_count(2)
    expect(hr.locator("pre.mailtext").first).to_contain_text("これが最後です")
    hr.get_by_role("button", name="2名に送る").click()
    expect(hr.get_by_text("2名に、保管を続けるかどうかをうかがうメールを送ります")).to_be_visible()
    first, second = (link_to(mail, "/keep/") for mail in site.wait_for_mails(2, linking="/keep/"))

    for script, link in ((False, first), (True, second)):
        window = Window(chromium, width=390, script=script)
        _look_and_wait(window.page, link)
        (_erase if script else _keep)(window.page, link)
        assert window.errors == [] or script, window.errors
        window.close()
    hr.goto(f"{site.url}/pool/leaving")
    expect(hr.get_by_text("送りました")).to_have_count(0)
    office.close()


def _let_records_end(site: Installation) -> None:
    with sqlite3.connect(site.folder / "relay.sqlite3", timeout=30) as database:
        database.execute("UPDATE candidates SET retain_until = ? WHERE retain_until IS NOT NULL", (LAST.isoformat(),))
    database.close()


def _look_and_wait(page: Page, link: str) -> None:
    """Look three times, as scanners do, choose later, and go back."""
    people.scan(link, 3)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("続けますか")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="あとで決める").click()
    expect(page.locator("main")).to_contain_text(f"{DAY}までは、このリンクから")
    page.go_back()
    expect(page.get_by_role("link", name="あとで決める")).to_be_visible()


def _keep(page: Page, link: str) -> None:
    page.get_by_role("button", name=KEEP).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("まで保管します")
    page.go_back()
    again = page.get_by_role("button", name=KEEP)
    if again.count():  # the page of before: its form changes nothing a second time
        again.click()
    page.goto(link)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("まで保管します")
    expect(page.locator("main")).not_to_contain_text("続けますか")


def _erase(page: Page, link: str) -> None:
    page.get_by_role("link", name="応募の記録の消去へ進む").click()
    page.get_by_role("link", name="消去せずに戻る").click()
    page.get_by_role("link", name="応募の記録の消去へ進む").click()
    page.get_by_role("button", name="応募の記録を消去する").dblclick()
    done = re.compile("応募の記録を消去しました|このリンクは、いまは使えません")  # the second click finds nobody
    expect(page.get_by_role("heading", level=1)).to_contain_text(done)
    assert page.goto(link).status == 404  # type: ignore[union-attr]
    expect(page.get_by_role("heading", level=1)).to_contain_text("このリンクは、いまは使えません")
