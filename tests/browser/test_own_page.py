"""A candidate on a phone, with the mail and four digits: the own page opens in three steps and without another mail.

With and without script. Whoever has the mail alone stops and erases, and reads nothing.
"""

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from relay import clock
from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation, link_to, wait_until

TSUMUGI, MICHIBIKI = people.AGENCIES
MAIL = "haruka@mail.example"
WRONG, OTHER = "8351", "6038"
NUMBER = re.compile("暗証番号（4桁")


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def phone(request: pytest.FixtureRequest, house: Installation, chromium: Browser) -> Iterator[Window]:
    """The phone of somebody who registered with both agencies; the browser that registered is inside already."""
    house.start()
    office = Window(chromium, width=1440, script=True)
    people.sign_in(office.page, house, people.HR)
    people.set_delay(office.page, house, 0)
    office.page.goto(f"{house.url}/pool/new")
    office.page.get_by_label(re.compile("^氏名")).fill("中村 遥")
    office.page.get_by_label(re.compile("^メールアドレス")).fill(MAIL)
    office.page.locator("input[name=basis][value=stated]").check()
    office.page.get_by_role("button", name=re.compile("追加|登録")).last.click()
    expect(office.page.locator(".record-head")).to_be_visible()
    people.tell_results(office.page, house, 1)
    office.close()
    window = Window(chromium, width=390, script=request.param)
    people.register(window.page, link_to(house.wait_for_mails(1)[0], "/r/"), "中村 遥", [TSUMUGI, MICHIBIKI])
    expect(window.page.get_by_role("heading", name=TSUMUGI)).to_be_visible()
    wait_until(lambda: len(house.smtp.to(MAIL)) == 2, "the own page's link arrives")
    yield window
    window.close()


def fresh(phone: Window, house: Installation) -> str:
    """Another day: the browser has forgotten everything; returns the mailed link."""
    phone.context.clear_cookies()
    return link_to(house.smtp.to(MAIL)[1], "/me/")


def reads_nothing(page: Page) -> None:
    """The page names no partner, no company and not the person."""
    for told in (TSUMUGI, MICHIBIKI, "ひなた精工", "中村", MAIL):
        expect(page.locator("body")).not_to_contain_text(told)


def names_seen_by(house: Installation, chromium: Browser, partner: str) -> set[str]:
    """Whom a partner sees now."""
    agent = Window(chromium, width=1440, script=True)
    people.sign_in(agent.page, house, people.PARTNERS[partner])
    seen = people.names_seen(agent.page, house)
    agent.close()
    return seen


def test_link_number_send(phone: Window, house: Installation) -> None:
    link = fresh(phone, house)
    phone.page.goto(link)
    reads_nothing(phone.page)
    phone.page.get_by_label(NUMBER).fill(people.PIN)
    phone.page.get_by_role("button", name="開く", exact=True).click()
    expect(phone.page.get_by_role("heading", name=TSUMUGI)).to_be_visible()
    assert len(house.smtp.to(MAIL)) == 2, "no further mail"
    phone.page.get_by_role("region", name=TSUMUGI).get_by_role("button", name=re.compile("取り消す")).click()
    expect(phone.page.locator("main")).to_contain_text("取り消しました")
    phone.page.get_by_role("button", name="このページを閉じる").click()
    reads_nothing(phone.page)


def test_five_wrong_wait_a_day(phone: Window, house: Installation) -> None:
    link = fresh(phone, house)
    for _try in range(5):
        people.enter(phone.page, link, WRONG)
    expect(phone.page.locator("main")).to_contain_text("お待ちください")
    expect(phone.page.get_by_label(NUMBER)).to_have_count(0)
    reads_nothing(phone.page)
    phone.page.get_by_role("button", name="すべて停止する").click()
    expect(phone.page.locator("main")).to_contain_text("すべて停止しました")


def test_a_forgotten_number_shows_only_what_comes_after(phone: Window, house: Installation, chromium: Browser) -> None:
    phone.page.goto(fresh(phone, house))
    phone.page.get_by_text("暗証番号を忘れたとき").click()
    phone.page.get_by_role("button", name="番号を選ぶリンクをメールで受け取る").click()
    expect(phone.page.locator("main")).to_contain_text("メールをお送りしています")
    wait_until(lambda: len(house.smtp.to(MAIL)) == 3, "the link to choose a number arrives")
    choosing = link_to(house.smtp.to(MAIL)[2], "/pin/")
    for number in ("1234", OTHER):
        phone.page.goto(choosing)
        phone.page.get_by_label(NUMBER).fill(number)
        phone.page.get_by_role("button", name="この番号にする").click()
    expect(phone.page.locator("main")).to_contain_text("暗証番号を決めました")
    reads_nothing(phone.page)
    phone.page.get_by_role("button", name="以前に選んだ登録先への提供をすべて止める").click()
    expect(phone.page.locator("main")).to_contain_text("提供を止めました")
    assert names_seen_by(house, chromium, TSUMUGI) == set()


def test_stop_and_erase_need_no_number(phone: Window, house: Installation, chromium: Browser) -> None:
    """Erasing is taken back once, asked for again, and done by the worker when the 72 hours are over."""
    link = fresh(phone, house)
    phone.page.goto(link)
    phone.page.get_by_role("button", name=re.compile("^すべて消去する")).click()
    reads_nothing(phone.page)
    assert names_seen_by(house, chromium, TSUMUGI) == set()
    wait_until(lambda: len(house.smtp.to(MAIL)) == 3, "the notice of the erasure arrives")
    phone.page.goto(link_to(house.smtp.to(MAIL)[2], "/me/"))
    phone.page.get_by_role("button", name="消去を取り消す").click()
    expect(phone.page.locator("main")).to_contain_text("消去を取り消しました")
    phone.page.get_by_role("button", name=re.compile("^すべて消去する")).click()
    expect(phone.page.get_by_role("button", name="消去を取り消す")).to_be_visible()
    pass_72_hours(house)
    wait_until(lambda: _status(phone.page, link) == 404, "the worker has erased the registration")


def pass_72_hours(house: Installation) -> None:
    """Put the planned moment and its job before now, as if the days had gone by."""
    past = (clock.now() - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with sqlite3.connect(house.folder / "relay.sqlite3", timeout=30) as database:
        database.execute("UPDATE profiles SET erase_at = ? WHERE erase_at IS NOT NULL", (past,))
        database.execute("UPDATE jobs SET due_at = ? WHERE kind = 'erase-profile' AND state = 'queued'", (past,))
    database.close()


def _status(page: Page, link: str) -> int:
    answer = page.goto(link)
    return answer.status if answer is not None else 0
