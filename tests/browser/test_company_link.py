"""The company's link in a mail that left from an ATS: asked for by address, registered, counted by next week's file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import NEXT_WEEK
from tests.installation import Installation, link_to

REJECTED = "tanaka.ken1000@mail.example"
"""In the file of the next week, rejected."""
TSUMUGI = "つむぎエージェント株式会社"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("first", ["registered", "imported"])
def test_who_comes_by_the_companys_link_counts_once_the_file_says_so(
    site: Installation, chromium: Browser, script: bool, first: str
) -> None:
    site.start()
    office, phone = Window(chromium, width=1440, script=script), Window(chromium, width=390, script=script)
    people.open_session(office.page, site, people.HR)
    pasted = _pasted(office.page, site)
    if first == "imported":
        _bring(site, NEXT_WEEK)

    phone.page.goto(pasted)
    phone.page.get_by_label("メールアドレス").fill(REJECTED)
    phone.page.get_by_role("button", name="リンクをメールで受け取る").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("受け付けました")
    mail = site.wait_for_mails(1, linking="/r/")[0]
    people.register(phone.page, link_to(mail, "/r/"), "田中 健", [TSUMUGI])

    if first == "registered":
        assert completed(office.page, site) == 0
        office.page.goto(f"{site.url}/templates/link")
        expect(office.page.locator("main")).to_contain_text("確認待ち：10件未満")
        _bring(site, NEXT_WEEK)
    wait_for_one(office.page, site)
    _bring(site, NEXT_WEEK)
    assert completed(office.page, site) == 1, "the same file again changes nothing"
    phone.close()
    office.close()


def _pasted(page: Page, site: Installation) -> str:
    """The link as HR copies it into the template of its ATS, found from the list of templates."""
    page.goto(f"{site.url}/templates")
    page.get_by_role("link", name="会社のリンク").click()
    link = page.get_by_label("会社のリンク", exact=True).input_value()
    assert link in page.get_by_label("見送りのメールに貼る文").input_value()
    return link


def _bring(site: Installation, file: Path) -> None:
    site.relay("import", str(file), "--company", "hinata", "--basis", "stated", "--told", "yes", "--past", "keep")


def completed(page: Page, site: Installation) -> int:
    """How many referrals the company's page counts."""
    page.goto(f"{site.url}/credits")
    found = re.search(r"これまでのリレー完了：([\d,]+)名", page.locator("main").inner_text())
    assert found
    return int(found[1])


def wait_for_one(page: Page, site: Installation) -> None:
    """The worker matches in its own time."""
    for _try in range(60):
        if completed(page, site):
            break
        page.wait_for_timeout(500)
    assert completed(page, site) == 1
