"""A personal link in HR's own mail: from the file for a mail merge to the registration that counts."""

import csv
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.browser.test_company_link import TSUMUGI, completed, wait_for_one
from tests.installation import Installation, link_to


def test_from_the_file_to_the_registration(site: Installation, chromium: Browser) -> None:
    site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated", "--told", "no", "--past", "keep")
    site.start()
    office, phone = Window(chromium, width=1440, script=True), Window(chromium, width=390, script=False)
    hr = office.page
    people.open_session(hr, site, people.HR)
    hr.goto(f"{site.url}/results")
    for row in range(2):
        hr.locator("tbody input[name=id]").nth(row).check()
    hr.get_by_role("button", name="自分で送る").click()
    with hr.expect_download() as download:
        hr.get_by_role("button", name="2名のファイルをダウンロードする").click()
    row = next(csv.DictReader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))

    phone.page.goto(row["リンク"])
    phone.page.get_by_role("button", name="リンクをメールで受け取る").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("受け付けました")
    (mail,) = [each for each in site.wait_for_mails(1, linking="/r/") if each["To"] == row["メールアドレス"]]
    people.register(phone.page, link_to(mail, "/r/"), row["氏名"], [TSUMUGI])
    wait_for_one(hr, site)

    hr.go_back()
    hr.get_by_role("button", name="電話などで連絡済みにする").click()
    hr.get_by_role("button", name="2名を記録する").click()
    expect(hr.locator("main")).not_to_contain_text(row["氏名"])
    assert completed(hr, site) == 1
    for window in (office, phone):
        assert window.errors == []
        window.close()
