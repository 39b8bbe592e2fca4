"""A partner's own work on a person: marked by one press, noted, two colleagues at once; with script and without."""

from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, link_to

TSUMUGI, _MICHIBIKI = people.AGENCIES


def registered(site: Installation, chromium: Browser) -> Window:
    """The phone of a person who came through a result mail and chose the agency; it stays open on their own page."""
    site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated", "--told", "no")
    office, phone = Window(chromium, width=1440, script=True), Window(chromium, width=390, script=False)
    people.open_session(office.page, site, people.HR)
    people.set_delay(office.page, site, 0)
    people.tell_results(office.page, site, 1)
    office.close()
    people.register(phone.page, link_to(site.wait_for_mails(1, linking="/r/")[0], "/r/"), "前田 花", [TSUMUGI])
    return phone


def badge(page: Page) -> str:
    """How far the page says the partner is."""
    return page.locator("section[aria-labelledby=work-h] .badge").inner_text()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_a_person_is_marked_and_noted_by_two_colleagues(site: Installation, chromium: Browser) -> None:
    site.start()
    phone = registered(site, chromium)
    windows = [Window(chromium, width=1440, script=True), Window(chromium, width=390, script=False)]
    desk, train = (window.page for window in windows)
    for page in (desk, train):
        people.open_session(page, site, people.AGENCIES[TSUMUGI])
    [code] = set(people.codes_seen(desk, site))
    for page in (desk, train):
        page.goto(f"{site.url}/agency/people/{code}")

    press(desk, "「連絡済み」にする")
    expect(desk.locator("section[aria-labelledby=work-h] .badge")).to_have_text("連絡済み")
    train.get_by_label("ほかの対応").select_option(label="終了")
    press(train, "対応を変更する")
    expect(train.locator("main")).to_contain_text("いまの対応は「連絡済み」、こちらで選んだのは「終了」です")
    train.get_by_role("link", name="このままにする").click()
    expect(train.locator("h1")).to_contain_text("前田 花")
    assert badge(train) == "連絡済み"
    press(train, "「面談」にする")
    assert badge(train) == "面談"

    train.get_by_label("メモ", exact=True).fill("うつ病と聞いた")
    press(train, "メモを保存する")
    expect(train.locator("main")).to_contain_text("まだ保存していません")
    train.get_by_label("メモ", exact=True).fill("午前に電話した")
    press(train, "メモを保存する")
    expect(train.locator("#notes")).to_contain_text("午前に電話した")
    desk.reload()
    expect(desk.locator("#notes")).to_contain_text("午前に電話した")
    expect(desk.locator("main")).not_to_contain_text("うつ病")
    for page in (desk, train):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing stands beyond the edge"

    phone.page.reload()
    told = phone.page.locator("main")
    expect(told).to_contain_text("「連絡済み」と記録しています")
    expect(told).to_contain_text("対応やメモをRelayに記録しています")
    expect(told).not_to_contain_text("午前に電話した")
    press(phone.page, f"{TSUMUGI}への同意を取り消す")
    expect(told).to_contain_text("登録先も見られません")
    press(train, "メモを保存する")
    expect(train.locator("main")).to_contain_text("送られた内容は保存していません")
    expect(train.locator("main")).not_to_contain_text("午前に電話した")
    for window in (*windows, phone):
        window.close()
