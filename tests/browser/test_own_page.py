"""A candidate on a phone, with the mail and four digits: the own page opens in three steps and without another mail.

With and without script. Whoever has the mail alone stops and erases, and reads nothing.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from relay import clock
from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, installation, link_to, wait_until

TSUMUGI, MICHIBIKI = people.AGENCIES
WRONG, OTHER = "8351", "6038"
NUMBER = re.compile("暗証番号（4桁")
PEOPLE = 10
"""One for each test, with script and without."""


@dataclass
class Registered:
    """Somebody who registered with both agencies, and their phone of another day, which has forgotten everything."""

    page: Page
    name: str
    address: str
    link: str


@dataclass
class Town:
    """An installation in which so many people were told their result; each test takes the next of them."""

    site: Installation
    mails: list[EmailMessage]
    taken: int = 0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, furnished: Path, chromium: Browser) -> Iterator[Town]:
    """Made once for the module."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    with installation(folder) as site:
        site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated", "--told", "no")
        site.start()
        office = Window(chromium, width=1440, script=True)
        people.open_session(office.page, site, people.HR)
        people.set_delay(office.page, site, 0)
        people.tell_results(office.page, site, PEOPLE)
        office.close()
        yield Town(site, list(site.wait_for_mails(PEOPLE, linking="/r/")))


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def person(request: pytest.FixtureRequest, town: Town, chromium: Browser) -> Iterator[Registered]:
    """The next person registers; the browser that did so is inside at once, and forgets it."""
    mail = town.mails[town.taken]
    town.taken += 1
    name, address = f"登録 {town.taken}号", str(mail["To"])
    window = Window(chromium, width=390, script=request.param)
    people.register(window.page, link_to(mail, "/r/"), name, [TSUMUGI, MICHIBIKI])
    expect(window.page.get_by_role("heading", name=TSUMUGI)).to_be_visible()
    link = newest_link(town, address, 2, "/me/")
    window.context.clear_cookies()
    yield Registered(window.page, name, address, link)
    window.close()


def newest_link(town: Town, address: str, count: int, path: str) -> str:
    """The link in the last of so many mails."""
    wait_until(lambda: len(town.site.smtp.to(address)) >= count, f"mail {count} arrives")
    return link_to(town.site.smtp.to(address)[count - 1], path)


def reads_nothing(person: Registered, *, of_mailbox: bool = False) -> None:
    """The page names no partner, no company and not the person; their address only to a number chosen by its mail."""
    for told in (TSUMUGI, MICHIBIKI, "ひなた精工", person.name, *(() if of_mailbox else (person.address,))):
        expect(person.page.locator("body")).not_to_contain_text(told)


def is_seen(town: Town, chromium: Browser, person: Registered) -> bool:
    """Whether an agency sees the person now."""
    agent = Window(chromium, width=1440, script=True)
    people.open_session(agent.page, town.site, people.PARTNERS[TSUMUGI])
    seen = people.names_seen(agent.page, town.site)
    agent.close()
    return person.name in seen


def test_link_number_send(person: Registered, town: Town) -> None:
    page = person.page
    page.goto(person.link)
    reads_nothing(person)
    page.get_by_label(NUMBER).fill(people.PIN)
    page.get_by_role("button", name="ページを開く").click()
    expect(page.get_by_role("heading", name=TSUMUGI)).to_be_visible()
    assert len(town.site.smtp.to(person.address)) == 2, "no further mail"
    page.get_by_role("region", name=TSUMUGI).get_by_role("button", name=re.compile("取り消す")).click()
    expect(page.locator("main")).to_contain_text("取り消しました")
    page.get_by_role("button", name="このページを閉じる").click()
    reads_nothing(person)


def test_five_wrong_wait_a_day(person: Registered) -> None:
    for _try in range(5):
        people.enter(person.page, person.link, WRONG)
    expect(person.page.locator("main")).to_contain_text("お待ちください")
    expect(person.page.get_by_label(NUMBER)).to_have_count(0)
    reads_nothing(person)
    person.page.get_by_role("button", name="すべて停止する").click()
    expect(person.page.locator("main")).to_contain_text("すべて停止しました")


def test_a_forgotten_number_shows_only_what_comes_after(person: Registered, town: Town, chromium: Browser) -> None:
    page = person.page
    page.goto(person.link)
    page.get_by_text("暗証番号を忘れたとき").click()
    page.get_by_role("button", name="番号を選ぶリンクをメールで受け取る").click()
    expect(page.locator("main")).to_contain_text("メールをお送りしています")
    choosing = newest_link(town, person.address, 3, "/pin/")
    for number in ("1234", OTHER):
        page.goto(choosing)
        page.get_by_label(NUMBER).fill(number)
        page.get_by_role("button", name="この番号にする").click()
    expect(page.locator("main")).to_contain_text("暗証番号を決めました")
    reads_nothing(person, of_mailbox=True)
    page.get_by_role("button", name="以前に選んだ登録先への提供をすべて止める").click()
    expect(page.locator("main")).to_contain_text("提供を止めました")
    assert not is_seen(town, chromium, person)


def test_stop_and_erase_need_no_number(person: Registered, town: Town, chromium: Browser) -> None:
    """Erasing is taken back once, asked for again, and done by the worker when the 72 hours are over."""
    page = person.page
    page.goto(person.link)
    page.get_by_role("button", name=re.compile("^すべて消去する")).click()
    reads_nothing(person)
    assert not is_seen(town, chromium, person)
    page.goto(newest_link(town, person.address, 3, "/me/"))
    page.get_by_role("button", name="消去を取り消す").click()
    expect(page.locator("main")).to_contain_text("消去を取り消しました")
    page.get_by_role("button", name=re.compile("^すべて消去する")).click()
    expect(page.get_by_role("button", name="消去を取り消す")).to_be_visible()
    pass_72_hours(town.site)
    wait_until(lambda: _status(page, person.link) == 404, "the worker has erased the registration")


def pass_72_hours(site: Installation) -> None:
    """Put the planned moment and its job before now, as if the days had gone by."""
    past = (clock.now() - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with sqlite3.connect(site.folder / "relay.sqlite3", timeout=30) as database:
        database.execute("UPDATE profiles SET erase_at = ? WHERE erase_at IS NOT NULL", (past,))
        database.execute("UPDATE jobs SET due_at = ? WHERE kind = 'erase-profile' AND state = 'queued'", (past,))
    database.close()


def _status(page: Page, link: str) -> int:
    return page.request.get(link).status


def test_a_changed_mind_about_the_address_does_not_kill_the_button(town: Town, chromium: Browser) -> None:
    """Half an address typed, then the mailed one chosen again; and a reload still says that it is done."""
    for script in (True, False):
        mail = town.mails[town.taken]
        town.taken += 1
        window = Window(chromium, width=390, script=script)
        page = window.page
        page.goto(link_to(mail, "/r/"))
        page.get_by_label("別の宛先", exact=True).check()
        page.get_by_label(re.compile("別の宛先のメールアドレス")).fill("tanaka")
        page.get_by_label("このメールが届いた宛先を使う").check()
        page.get_by_role("group", name=f"{TSUMUGI}への同意").get_by_role("checkbox").check()
        page.get_by_label(re.compile("^氏名")).fill("田中 実")
        page.get_by_label(NUMBER).fill(people.PIN)
        page.get_by_label("16歳以上です").check()
        page.get_by_role("button", name="この内容で登録する").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("登録しました")
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("登録しました")
        window.close()
