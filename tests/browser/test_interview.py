"""An interview is arranged: HR types times, two people pick on phones without script, and change it."""

import re
from datetime import timedelta
from email.message import EmailMessage

from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect

from relay import clock
from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation, link_to

DAY = clock.today() + timedelta(days=6)
TIMES = f"{DAY.month}/{DAY.day}　１０：００、11:00"


def test_two_people_pick_one_time_each_on_the_phone(site: Installation, chromium: Browser) -> None:
    site.start()
    office = Window(chromium, width=1440, script=True)
    hr = office.page
    people.open_session(hr, site, people.HR)
    people.set_delay(hr, site, 0)
    for name in ("朝倉 澪", "市川 渚"):
        _add(hr, site, name)
    _type_times(hr, site)
    for count, name in enumerate(("朝倉 澪", "市川 渚"), 1):
        _invite(hr, site, name)
        invited = site.wait_for_mails(count)
    links = [link_to(mail, "/interview/") for mail in invited]

    first, second = (Window(chromium, width=390, script=False) for _each in range(2))
    people.scan(links[0], 3)
    first.page.goto(links[0])
    second.page.goto(links[1])
    assert first.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    first.page.get_by_role("button", name="10:00〜11:00").click()
    expect(first.page.get_by_role("heading", level=1)).to_contain_text("面談の日時が決まっています")
    second.page.get_by_role("button", name="10:00〜11:00").click()
    expect(second.page.get_by_role("alert")).to_contain_text("残っている日時からお選びください")
    second.page.get_by_role("button", name="11:00〜12:00").click()
    expect(second.page.locator("main")).to_contain_text("11:00〜12:00")

    with first.page.expect_download() as download:
        first.page.get_by_role("link", name="カレンダーに追加する").click()
    assert download.value.suggested_filename == "interview.ics"
    second.page.get_by_role("link", name="面談の取り消しへ進む").click()
    second.page.get_by_role("button", name="面談を取り消す").click()
    first.page.get_by_role("link", name="ほかの日時に変更する").click()
    first.page.get_by_role("button", name="11:00〜12:00").click()
    expect(first.page.locator("main")).to_contain_text("11:00〜12:00")
    told = [_appointment(mail) for mail in site.wait_for_mails(10) if _is_appointment(mail)]
    assert sorted(told) == sorted(
        [("REQUEST", 1, 10), ("REQUEST", 1, 11), ("CANCEL", 2, 11), ("REQUEST", 2, 11)] * 2
    ), "each to the person and to HR"
    hr.goto(f"{site.url}/positions")
    hr.get_by_role("link", name="経理").first.click()
    hr.get_by_role("link", name="面談の候補日時を見る").click()
    expect(hr.get_by_role("link", name="朝倉 澪さん")).to_be_visible()
    expect(hr.get_by_text("空き：1件")).to_be_visible()
    for window in (first, second, office):
        window.close()


def _add(hr: Page, site: Installation, name: str) -> None:
    hr.goto(f"{site.url}/pool/new")
    hr.locator("#name").fill(name)
    hr.locator("#email").fill(f"{name.encode().hex()}@mail.example")
    hr.locator("#position").fill("経理")
    hr.get_by_label(re.compile("応募のときにお伝えしている")).check()
    hr.get_by_role("button", name="登録する").click()
    expect(hr.locator("h1")).to_contain_text(name)


def _type_times(hr: Page, site: Installation) -> None:
    """A line that is no time loses nothing."""
    hr.goto(f"{site.url}/positions")
    hr.get_by_role("link", name="経理").first.click()
    hr.get_by_role("link", name="面談の候補日時を見る").click()
    hr.get_by_role("textbox", name="候補日時").fill(f"{TIMES}\nあさって")
    hr.get_by_role("button", name="候補日時を追加する").click()
    expect(hr.get_by_text("2行目「あさって」は、日時として読めません").first).to_be_visible()
    hr.get_by_role("textbox", name="候補日時").fill(TIMES)
    hr.get_by_role("button", name="候補日時を追加する").click()
    expect(hr.get_by_text("候補日時を2件追加しました")).to_be_visible()


def _invite(hr: Page, site: Installation, name: str) -> None:
    hr.goto(f"{site.url}/applications?end=open")
    hr.get_by_role("link", name=name).first.click()
    hr.get_by_role("link", name="面談の日時を選んでいただく").click()
    hr.get_by_role("button", name="面談の日時を選んでいただく").click()
    expect(hr.get_by_text(f"{name}さんに、面談の日時をご案内します")).to_be_visible()


def _is_appointment(mail: EmailMessage) -> bool:
    return bool(list(mail.iter_attachments()))


def _appointment(mail: EmailMessage) -> tuple[str, int, int]:
    """Method, sequence and the hour it begins in Japan."""
    (file,) = mail.iter_attachments()
    calendar = Calendar.from_ical(file.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    return str(calendar["method"]), int(event["sequence"]), event["dtstart"].dt.hour
