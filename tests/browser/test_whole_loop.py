"""The relay runs, end to end: import, tell, mail, register, count, look, withdraw; with real mail and a real browser.

Twelve of the thirty-four still open are told; eleven register with an agency. One clicks twice, one link is
opened five times by a scanner first, one types another address and confirms it; the twelfth declines.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, link_to, wait_until

TSUMUGI, MICHIBIKI = people.AGENCIES
MIRAI = next(iter(people.SCHOOL))
TWICE, SCANNED, ELSEWHERE, DECLINES = 0, 1, 2, 11
ANOTHER = "watashi@another.example"


def ticks(place: int) -> list[str]:
    """Whom the person in this place of the list chooses: always an agency, some both, some a school as well."""
    chosen = [[TSUMUGI], [MICHIBIKI], [TSUMUGI, MICHIBIKI]][place % 3]
    return [*chosen, MIRAI] if place % 4 == 0 else chosen


@pytest.mark.parametrize(("width", "script"), [(1440, True), (390, False)])
def test_the_whole_loop(site: Installation, chromium: Browser, width: int, script: bool) -> None:
    """The office and the partners with script on a desk, and without on a phone; tests/soak has the other two."""
    run_the_whole_loop(site, chromium, width=width, script=script)


def run_the_whole_loop(site: Installation, chromium: Browser, *, width: int, script: bool) -> None:
    """Run all of it; the candidates are on a phone always."""
    site.start()
    office = Window(chromium, width=width, script=script)
    phone = Window(chromium, width=390, script=script)
    hr = office.page
    people.sign_in(hr, site, people.HR)
    people.set_delay(hr, site, 0)

    import_file(hr, site)
    people.tell_results(hr, site, 12, remark="面接でのお話が、とても印象に残っています。")
    mails = site.wait_for_mails(12, linking="/r/")
    addresses = [str(mail["To"]) for mail in mails]
    assert len(set(addresses)) == 12

    names = {place: f"登録 {place}号" for place in range(12)}
    for place, mail in enumerate(mails):
        link = link_to(mail, "/r/")
        if place == SCANNED:
            people.scan(link, 5)
        if place == DECLINES:
            phone.page.goto(link)
            phone.page.get_by_text("今回は登録しない", exact=True).click()
            expect(phone.page.get_by_text("分かりました。どこにも情報は伝えません。")).to_be_visible()
            continue
        people.register(
            phone.page, link, names[place], ticks(place),
            address=ANOTHER if place == ELSEWHERE else "", twice=place == TWICE,
        )  # fmt: skip
    wait_until(lambda: len(site.smtp.to(addresses[ELSEWHERE])) > 1, "the person behind the mailed address is asked")
    assert not site.smtp.to(ANOTHER)
    phone.page.goto(link_to(site.smtp.to(addresses[ELSEWHERE])[1], "/agree/"))
    phone.page.get_by_role("button", name="自分の申し込みなので、登録を進める").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("登録を進めています")
    wait_until(lambda: site.smtp.to(ANOTHER), "the address is asked to confirm itself")
    phone.page.goto(link_to(site.smtp.to(ANOTHER)[0], "/confirm/"))
    phone.page.get_by_label(re.compile("^暗証番号（4桁")).fill(people.PIN)
    phone.page.get_by_role("button", name="内容を確認する").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("内容をご確認ください")
    phone.page.get_by_role("button", name="この内容で登録する").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("登録しました")

    assert credits(hr, site) == (11, 1)

    registered = [place for place in range(12) if place != DECLINES]
    windows = {}
    for partner, agent in people.PARTNERS.items():
        windows[partner] = Window(chromium, width=width, script=script)
        people.open_session(windows[partner].page, site, agent)
        wanted = {names[place] for place in registered if partner in ticks(place)}
        assert people.names_seen(windows[partner].page, site) == wanted, partner

    withdraw(site, phone, windows[TSUMUGI], addresses[TWICE], names[TWICE])
    gone = {names[place] for place in registered if TSUMUGI in ticks(place)} - {names[TWICE]}
    assert people.names_seen(windows[TSUMUGI].page, site) == gone
    assert credits(hr, site) == (11, 1), "a withdrawal takes neither referral nor credit back"

    for window in (office, phone, *windows.values()):
        window.close()


def import_file(hr: Page, site: Installation) -> None:
    """The applicants' file comes in through the page; the preview says what is in it."""
    hr.goto(f"{site.url}/pool/import")
    hr.locator("input[type=file]").set_input_files(SAMPLE)
    hr.get_by_role("button", name="読み取って確認する").click()
    body = hr.locator("main")
    for figure in ("34", "171", "25", "10"):
        expect(body).to_contain_text(figure)
    expect(body).to_contain_text("メールは")
    hr.locator("input[name=basis][value=stated]").check()
    hr.get_by_role("button", name="この内容で取り込む").click()
    expect(body).to_contain_text("取り込みました")


def credits(hr: Page, site: Installation) -> tuple[int, int]:
    """Completed referrals and free credits, as the page of credits says."""
    hr.goto(f"{site.url}/credits")
    said = hr.locator(".goal").inner_text()
    completed, free = re.search(r"リレー完了：(\d+)名", said), re.search(r"(\d+)\s*件", said)
    assert completed is not None and free is not None, said
    return int(completed[1]), int(free[1])


def withdraw(site: Installation, phone: Window, agent: Window, address: str, name: str) -> None:
    """The person opens the own page with the number and takes one consent back; the open record is gone next."""
    page = agent.page
    record = ""
    for code in people.codes_seen(page, site):
        page.goto(f"{site.url}/agency/people/{code}")
        if name in page.get_by_role("heading", level=1).inner_text():
            record = page.url
            break
    assert record
    wait_until(lambda: len(site.smtp.to(address)) == 2, "the own page's link arrives")
    people.enter(phone.page, link_to(site.smtp.to(address)[1], "/me/"))
    phone.page.get_by_role("region", name=TSUMUGI).get_by_role("button", name=re.compile("取り消す")).click()
    expect(phone.page.locator("main")).to_contain_text("取り消しました")
    answer = page.goto(record)
    assert answer is not None and answer.status == 410
