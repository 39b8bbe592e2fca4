"""A position opens and the pool answers: who fits and why, three mails in five clicks, a yes and a time by phone."""

import csv
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from relay import clock
from tests.browser import people
from tests.browser.conftest import Window
from tests.calendars import by_ical_js, by_icalendar
from tests.installation import Installation, link_to

DAY = clock.today() + timedelta(days=6)
TITLE = "治具の設計"
SHOWN, WRITTEN_TO = 20, 3


def test_from_a_position_to_an_interview(site: Installation, chromium: Browser, tmp_path: Path) -> None:
    _import_pool(site, tmp_path / "pool.csv")
    site.start()
    office = Window(chromium, width=1440, script=True)
    hr = office.page
    people.open_session(hr, site, people.HR)
    people.set_delay(hr, site, 0)
    _write_position(hr, site)
    _offer_times(hr)
    _write_to_three(hr)
    mail = site.wait_for_mails(WRITTEN_TO, linking="/again/")[0]

    phone = Window(chromium, width=390, script=False)
    _say_yes(phone.page, mail)
    _pick(phone.page)
    _check_calendars(site)

    name = str(mail["To"]).partition("@")[0].removeprefix("p")
    hr.goto(site.url)
    today = hr.locator("section", has=hr.get_by_role("heading", name="今日すること"))
    expect(today).not_to_contain_text("「話を聞きたい」と返事のあった方")
    line = hr.locator(".todos li", has_text="これからの面談")
    expect(line).to_contain_text("1件")
    expect(line).to_contain_text(f"候補 {name}番さん（{TITLE}）")
    hr.goto(f"{site.url}/applications?end=open")
    row = hr.locator("tr", has_text=f"候補 {name}番")
    expect(row).to_contain_text("再応募")
    expect(row).to_contain_text("以前：機械設計・最終選考・見送り")
    row.get_by_role("link", name=f"候補 {name}番", exact=True).click()
    expect(hr.locator("main")).to_contain_text("機械設計")
    expect(hr.locator("main")).to_contain_text("話を聞きたい")
    phone.close()
    office.close()


def _import_pool(site: Installation, file: Path) -> None:
    """People who were turned down at the last step for another position, and agreed to be kept."""
    header = "応募ID,応募時刻,名前,メールアドレス,選考ステップ,募集職種,選考終了理由,タグ".split(",")
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(header)
        for number in range(SHOWN + 4):
            person = (f"K{number}", "2026/02/01 10:00", f"候補 {number}番", f"p{number}@mail.example")
            rows.writerow((*person, "最終選考", "機械設計", "不採用", "治具設計"))
    site.relay("import", str(file), "--company", "hinata", "--basis", "consented", "--told", "yes")


def _write_position(hr: Page, site: Installation) -> None:
    hr.goto(f"{site.url}/positions")
    hr.get_by_role("link", name="求人を作成する").first.click()
    hr.get_by_label("求人の名前").fill(TITLE)
    hr.get_by_label("仕事の内容").fill("治具設計と機械設計")
    hr.get_by_role("button", name="求人を作成する").click()
    expect(hr.get_by_role("heading", level=1)).to_contain_text(TITLE)


def _offer_times(hr: Page) -> None:
    here = hr.url
    hr.get_by_role("link", name="面談の候補日時を見る").click()
    hr.get_by_role("textbox", name="候補日時").fill(f"{DAY.month}/{DAY.day} 10:00、11:00")
    hr.locator("#place").fill("本社2階")
    hr.get_by_role("button", name="候補日時を追加する").click()
    expect(hr.get_by_text("候補日時を2件追加しました")).to_be_visible()
    hr.goto(here)


def _write_to_three(hr: Page) -> None:
    """Five clicks, from the first twenty with their reasons."""
    hr.goto(f"{hr.url.split('?')[0]}/fits")
    rows = hr.locator("tbody tr")
    expect(rows).to_have_count(SHOWN)
    for why in rows.locator("td:nth-of-type(2)").all_inner_texts():
        assert "治具設計" in why or "機械設計" in why, why
    for place in range(WRITTEN_TO):
        rows.nth(place).locator("input[name=id]").check()
    hr.get_by_role("button", name="選んだ方への文面を見る").click()
    hr.get_by_role("button", name=f"{WRITTEN_TO}名に送る").click()
    expect(hr.get_by_text(f"{WRITTEN_TO}名に再スカウトのメールを送ります")).to_be_visible()


def _say_yes(page: Page, mail: EmailMessage) -> None:
    """One tap on the link, one on the button."""
    link = link_to(mail, "/again/")
    people.scan(link, 3)
    page.goto(link)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="はい、話を聞きたい").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("応募を受け付けました")
    page.reload()


def _pick(page: Page) -> None:
    page.get_by_role("button", name="面談の日時へ進む").click()
    page.get_by_role("button", name="10:00〜11:00").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("面談の日時が決まっています")


def _check_calendars(site: Installation) -> None:
    """The person and HR have the same appointment, read alike by two libraries."""
    for mail in site.wait_for_mails(WRITTEN_TO + 2)[WRITTEN_TO:]:
        (file,) = mail.iter_attachments()
        data = file.get_payload(decode=True)
        assert isinstance(data, bytes)
        told = by_icalendar(data)
        assert told == by_ical_js(data)
        assert (told["start"], told["zone"]) == (f"{DAY}T01:00:00.000Z", "Asia/Tokyo")
