"""What a registered person wants of their own page, on a phone at 390 px, found by visible Japanese names and counted.

A tap is the link in a mail, a button, a box or a heading that opens; what is typed is none. And the partner's page,
open in another browser meanwhile, is refused with its next click.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from relay import clock
from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, installation, link_to, wait_until

TSUMUGI, MICHIBIKI = people.AGENCIES
NUMBER = re.compile("暗証番号（4桁")
WRITTEN = {"電話番号": "0266-00-0000", "希望職種": "経理"}
CORRECTED = "090-1234-5678"
PEOPLE = 3


@dataclass
class Registered:
    """A person who registered with both agencies, on a phone that has forgotten everything since."""

    site: Installation
    page: Page
    name: str
    address: str
    link: str
    taps: dict[str, int] = field(default_factory=dict)

    def enter(self, task: str) -> "Registered":
        """Begin a task at the mail: its link, the number, the button that opens the page."""
        self.page.context.clear_cookies()
        self.taps[task] = 1
        self.page.goto(self.link)
        self.page.get_by_label(NUMBER).fill(people.PIN)
        return self.tap(self.page.get_by_role("button", name="ページを開く"))

    def tap(self, what: Locator) -> "Registered":
        """Tap something, for the task begun last."""
        self.taps[list(self.taps)[-1]] += 1
        what.click()
        return self

    def opens(self, heading: str, within: Locator | None = None) -> "Registered":
        """Tap what opens by this heading."""
        return self.tap((within or self.page.locator("main")).locator("summary").filter(has_text=heading).first)

    def presses(self, button: str | re.Pattern[str]) -> "Registered":
        """Tap a button by its name."""
        return self.tap(self.page.get_by_role("button", name=button))

    def said(self, words: str) -> None:
        """Expect these words on the page."""
        expect(self.page.locator("main")).to_contain_text(words)

    def recipient(self, name: str) -> Locator:
        """The card of one recipient."""
        return self.page.get_by_role("region", name=name, exact=True)


@pytest.fixture(scope="module")
def persons(tmp_path_factory: pytest.TempPathFactory, furnished: Path, chromium: Browser) -> Iterator[list[Registered]]:
    """An installation in which three people were told their result and registered; made once for the module."""
    folder = tmp_path_factory.mktemp("tasks")
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    with installation(folder) as site:
        site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated", "--told", "no")
        site.start()
        office = Window(chromium, width=1440, script=True)
        people.open_session(office.page, site, people.HR)
        people.set_delay(office.page, site, 0)
        people.tell_results(office.page, site, PEOPLE)
        office.close()
        windows, found = [], []
        for place, mail in enumerate(site.wait_for_mails(PEOPLE, linking="/r/")):
            window = Window(chromium, width=390, script=place != 1)
            windows.append(window)
            name, address = f"登録 {place}号", str(mail["To"])
            people.register(window.page, link_to(mail, "/r/"), name, [TSUMUGI, MICHIBIKI], written=WRITTEN)
            found.append(Registered(site, window.page, name, address, newest_link(site, address, 2)))
        yield found
        for window in windows:
            window.close()


def newest_link(site: Installation, address: str, count: int) -> str:
    """The link to the own page in the last of so many mails."""
    wait_until(lambda: len(site.smtp.to(address)) >= count, f"mail {count} arrives")
    return link_to(site.smtp.to(address)[count - 1], "/me/")


def agent_of(chromium: Browser, site: Installation, partner: str, name: str) -> Window:
    """A partner's window with the page of this person open."""
    window = Window(chromium, width=1440, script=True)
    people.open_session(window.page, site, people.PARTNERS[partner])
    for code in people.codes_seen(window.page, site):
        window.page.goto(f"{site.url}/agency/people/{code}")
        if name in window.page.get_by_role("heading", level=1).inner_text():
            return window
    raise AssertionError(f"{partner} does not see {name}")


def test_ten_tasks_in_few_taps(persons: list[Registered], chromium: Browser) -> None:
    me, site, page = persons[0], persons[0].site, persons[0].page
    agent = agent_of(chromium, site, TSUMUGI, me.name)

    me.enter("who may see what").opens("この登録先に見える内容", me.recipient(TSUMUGI))
    expect(me.recipient(TSUMUGI)).to_contain_text(WRITTEN["電話番号"])

    me.enter("who looked").opens("いつ、誰が見たか")
    me.said(f"{TSUMUGI}が開きました")

    me.enter("one item to one recipient only").opens("伝える項目を選ぶ", me.recipient(MICHIBIKI))
    me.tap(me.recipient(MICHIBIKI).get_by_role("checkbox", name=re.compile("電話番号")))
    me.tap(me.recipient(MICHIBIKI).get_by_role("button", name="チェックを入れた項目だけを伝える"))
    me.said("伝える項目を変更しました")

    me.enter("correct the telephone").opens("訂正する")
    page.get_by_label(re.compile("^電話番号")).last.fill(CORRECTED)
    me.presses("訂正を保存する")
    me.said("訂正しました")
    me.presses("1か所に伝える")
    me.said("新しい内容を伝えました")
    agent.page.reload()
    expect(agent.page.locator("main")).to_contain_text(CORRECTED)

    me.enter("download")
    with page.expect_download() as sent:
        me.tap(page.get_by_role("link", name="JSONをダウンロードする"))
    told = json.loads(Path(sent.value.path()).read_text(encoding="utf-8"))
    assert told["profiles"][0]["phone"] == CORRECTED.replace("-", "")

    me.enter("pause").opens("しばらく休止する")
    until = clock.today() + timedelta(days=30)
    page.get_by_label("休止の最後の日").fill(until.isoformat())
    me.presses("この日まで休止する")
    me.said(f"{until.month}月{until.day}日まで休止しています")

    me.enter("end the pause").presses("いま休止を終える")
    me.said("休止を終えました")

    me.enter("withdraw from one").tap(me.recipient(MICHIBIKI).get_by_role("button", name=re.compile("同意を取り消す")))
    me.said(f"{MICHIBIKI}への同意を取り消しました")

    me.enter("everything deleted").opens("すべて消去する").presses("いますぐ、すべて消去する")
    expect(page.get_by_role("heading", level=1)).to_have_text("すべて消去しました")
    me.said(TSUMUGI)
    wait_until(
        lambda: "登録をすべて消去しました" in str(site.smtp.to(me.address)[-1]["Subject"]), "the last mail arrives"
    )
    agent.close()
    assert me.taps["everything deleted"] <= 4, me.taps
    assert {task: taps for task, taps in me.taps.items() if taps > 6} == {}


def test_the_page_is_found_again_and_everything_goes_without_the_number(persons: list[Registered]) -> None:
    """By the address alone, without script; then erased by the link alone, taken back by the one in the mail."""
    me, site, page = persons[1], persons[1].site, persons[1].page
    me.taps["find the page again"] = 0
    page.goto(f"{site.url}/me")
    page.get_by_label(re.compile("メールアドレス")).fill(me.address)
    me.presses(re.compile("リンク"))
    me.link = newest_link(site, me.address, 3)
    found = me.taps.pop("find the page again")
    me.enter("find the page again")
    assert found + me.taps["find the page again"] <= 6
    expect(me.recipient(TSUMUGI)).to_be_visible()

    page.context.clear_cookies()
    me.taps["erased by the link alone"] = 1
    page.goto(me.link)
    me.presses(re.compile("^すべて消去する"))
    me.said("すべて消去します")
    me.taps["taken back by the mail"] = 1
    page.goto(newest_link(site, me.address, 4))
    me.presses("消去を取り消す")
    me.said("消去を取り消しました")
    assert me.taps["erased by the link alone"] <= 4
    assert me.taps["taken back by the mail"] == 2


def test_the_partners_open_page_is_refused_at_its_next_click(persons: list[Registered], chromium: Browser) -> None:
    me = persons[2]
    tsumugi = agent_of(chromium, me.site, TSUMUGI, me.name)
    michibiki = agent_of(chromium, me.site, MICHIBIKI, me.name)

    me.enter("pause").opens("しばらく休止する")
    me.page.get_by_label("休止の最後の日").fill(clock.today().isoformat())
    me.presses("この日まで休止する")
    refused(tsumugi)
    me.presses("いま休止を終える")
    me.said("休止を終えました")
    seen(tsumugi, me)

    me.tap(me.recipient(TSUMUGI).get_by_role("button", name=re.compile("同意を取り消す")))
    me.said("取り消しました")
    refused(tsumugi)
    seen(michibiki, me)

    me.opens("すべて消去する").presses("いますぐ、すべて消去する")
    me.said("いま、すべて消去しました")
    refused(michibiki)
    for window in (tsumugi, michibiki):
        assert me.name not in people.names_seen(window.page, me.site)
        window.close()


def refused(agent: Window) -> None:
    agent.page.reload()
    expect(agent.page.locator("main")).to_contain_text("この方の情報は表示できません")
    agent.errors.clear()


def seen(agent: Window, person: Registered) -> None:
    agent.page.reload()
    expect(agent.page.get_by_role("heading", level=1)).to_contain_text(person.name)
