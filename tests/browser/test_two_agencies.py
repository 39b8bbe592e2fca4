"""Two companies, two agencies, one person, two sets of facts: each agency sees its own until the person says else."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, link_to

TSUMUGI, MICHIBIKI = people.AGENCIES
SECOND_HR = "hr@midori.example"
BEFORE = ("前田 二重", {"希望職種": "経理", "これまでの経験": "前の経験", "電話番号": "090-0000-1111"})
AFTER = (
    "前田（旧姓）二重",
    {"希望職種": "人事", "これまでの経験": "あとの会社だけに話す", "電話番号": "080-9999-8888"},
)


def open_second_company(site: Installation) -> None:
    """A company that works with Michibiki alone."""
    told = ("--address", "長野県諏訪市0-1", "--representative", "緑川 薫", "--contact", "0266-00-0001")
    site.relay(
        "company", "create", "--name", "株式会社みどり工業", "--slug", "midori", "--admin", SECOND_HR,
        "--live", "--no-second-factor", *told, "--password-stdin", typed=people.PASSWORD + "\n",
    )  # fmt: skip
    site.relay("partnership", "create", "--company", "midori", "--partner", "michibiki")


def tell_one(site: Installation, chromium: Browser, company: str, hr: str, mails: int) -> str:
    """The company tells the first of its file; returns the relay link as it arrived."""
    site.relay("import", str(SAMPLE), "--company", company, "--basis", "stated", "--told", "no")
    office = Window(chromium, width=1440, script=True)
    people.open_session(office.page, site, hr)
    people.set_delay(office.page, site, 0)
    people.tell_results(office.page, site, 1)
    office.close()
    return link_to(site.wait_for_mails(mails, linking="/r/")[mails - 1], "/r/")


def seen(site: Installation, agent: Page) -> tuple[str, str]:
    """The agency's list and the one record in it, as text."""
    [code] = set(people.codes_seen(agent, site))
    listed = agent.locator("#rows").inner_text()
    agent.goto(f"{site.url}/agency/people/{code}")
    return listed, agent.locator("main").inner_text()


def holds(site: Installation, agent: Page, facts: tuple[str, dict[str, str]]) -> bool:
    """Whether the agency sees these facts, and not a word of the others."""
    name, written = facts
    other_name, other = BEFORE if facts is AFTER else AFTER
    listed, record = seen(site, agent)
    assert written["希望職種"] in listed and other["希望職種"] not in listed
    assert not [word for word in (f"{other_name}さん", *other.values()) if word in record]
    return all(word in record for word in (f"{name}さん", *written.values()))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_each_agency_sees_exactly_its_own_before_and_after_the_yes(
    site: Installation, chromium: Browser, script: bool
) -> None:
    open_second_company(site)
    site.start()
    first = tell_one(site, chromium, "hinata", people.HR, 1)
    phone = Window(chromium, width=390, script=script)
    page = phone.page
    agencies = {partner: Window(chromium, width=1440, script=True) for partner in people.AGENCIES}
    for partner, window in agencies.items():
        people.open_session(window.page, site, people.AGENCIES[partner])
    tsumugi, michibiki = (window.page for window in agencies.values())
    people.register(page, first, BEFORE[0], [TSUMUGI], written=BEFORE[1])
    expect(page.get_by_role("heading", name="か所にも伝えますか")).to_have_count(0)
    assert holds(site, tsumugi, BEFORE)

    second = tell_one(site, chromium, "midori", SECOND_HR, 2)
    people.register(page, second, AFTER[0], [MICHIBIKI], written=AFTER[1])
    asked = page.get_by_role("heading", name="新しい内容を、いまの登録先1か所にも伝えますか")
    expect(asked).to_be_visible()
    assert holds(site, tsumugi, BEFORE)
    assert holds(site, michibiki, AFTER)

    _say_yes(page)
    assert holds(site, tsumugi, AFTER)
    assert holds(site, michibiki, AFTER)
    expect(asked).to_have_count(0)
    for window in (phone, *agencies.values()):
        window.close()


def _say_yes(page: Page) -> None:
    page.get_by_role("button", name="1か所に伝える").click()
    expect(page.locator("main")).to_contain_text(re.compile("新しい内容を伝えました"))
