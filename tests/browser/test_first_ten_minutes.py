"""The first ten minutes of a company, in its own windows: from `relay setup` to the first real result.

Nothing is prepared but an empty database and a mail server Relay has not been told of. With RELAY_PICTURES naming a
folder, each step leaves a picture there.
"""

import os
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.browser.test_whole_loop import import_file
from tests.installation import PASSWORD, Installation, installation, link_to, wait_until

COMPANY = "株式会社ひなた精工"
ADMIN = "kanri@hinata.example"
AGENCY = "つむぎエージェント株式会社"
AGENT = "agent@tsumugi.example"
PRACTISED = "練習 花子"
GO_LIVE_CHECKS = 6


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    """An installation nobody has entered, without a mail server of its own."""
    with installation(tmp_path, own_server=True) as made:
        yield made


def test_the_first_ten_minutes(empty: Installation, chromium: Browser) -> None:
    """The administrator with a phone, the agent at a desk; tests/soak has it the other way round."""
    run_the_first_ten_minutes(empty, chromium, office_width=390, agency_width=1440)


def run_the_first_ten_minutes(empty: Installation, chromium: Browser, *, office_width: int, agency_width: int) -> None:
    """Run all of them; the candidate is on a phone always."""
    empty.start()
    office = Window(chromium, width=office_width, script=True)
    phone = Window(chromium, width=390, script=True)
    agency = Window(chromium, width=agency_width, script=True)
    admin = office.page

    begin(admin, empty)
    describe_the_company(admin, empty)
    set_up_sending(admin, empty)
    answer_for_the_operator(admin)
    expect(admin).to_have_url(re.compile("/setup/import$"))
    protect_the_login(admin)
    import_file(admin, empty)
    picture(admin, "08-imported")

    practise_on_two(admin, empty)
    try_as_a_candidate(phone.page, empty)
    look_and_erase(admin, empty)

    invite_the_partner(admin, empty)
    join(agency.page, link_to(empty.smtp.to(AGENT)[0], "/invite/"))
    check_the_partner(admin, empty)

    admin.goto(f"{empty.url}/")
    expect(admin.locator(".checklist .checklist__mark")).to_have_count(GO_LIVE_CHECKS)
    expect(admin.locator(".checklist .checklist__mark--done")).to_have_count(GO_LIVE_CHECKS)
    picture(admin, "16-home-six-checks")
    assert {str(mail["To"]) for mail in empty.smtp.received} <= {ADMIN, AGENT}, "no candidate has heard of it"

    go_live(admin, empty)
    tell_the_first(admin, phone.page, empty)
    for window in (office, phone, agency):
        window.close()
        assert not window.errors, window.errors


def begin(admin: Page, site: Installation) -> None:
    """`relay setup` prints an address; behind it the first administrator signs up and promises confidentiality."""
    printed = re.search(r"https?://\S+/setup/\S+", site.relay("setup"))
    assert printed is not None
    admin.goto(printed[0])
    picture(admin, "01-setup")
    fill(admin, company=COMPANY, name="日向 葵", email=ADMIN, password=PASSWORD)
    admin.get_by_role("button", name="登録して設定を始める").click()
    promise = admin.get_by_role("button", name="同意して利用を始める")
    expect(promise).to_be_visible()
    picture(admin, "02-notice")
    promise.click()
    expect(admin).to_have_url(re.compile("/setup"))
    answer = admin.request.get(printed[0])
    assert answer.status == 404, "the address is good once"


def describe_the_company(admin: Page, site: Installation) -> None:
    """What stands under its mails, where results come from today, and the public page on personal data."""
    admin.goto(f"{site.url}/setup/company")
    fill(
        admin, address="長野県岡谷市本町0-1-2", representative="日向 正人", contact="0266-00-0000",
        reply_to="saiyo@hinata.example",
    )  # fmt: skip
    expect(admin.locator("#mail-footer")).to_contain_text("0266-00-0000")
    picture(admin, "03-company")
    admin.get_by_role("button", name="保存して次へ").click()
    expect(admin).to_have_url(re.compile("/setup/results$"))
    admin.locator("input[name=results_from][value=ats]").check()
    fill(admin, ats_name="HERP")
    picture(admin, "04-results")
    admin.get_by_role("button", name="保存して次へ").click()
    expect(admin).to_have_url(re.compile("/setup/privacy$"))
    admin.get_by_role("button", name="この内容で公開する").click()
    expect(admin).to_have_url(re.compile("/setup/privacy$"))
    picture(admin, "05-privacy")
    admin.locator("nav").get_by_role("link", name="次へ進む").click()
    expect(admin).to_have_url(re.compile("/setup/sending$"))


def set_up_sending(admin: Page, site: Installation) -> None:
    """The company's own server, the six digits of the mail that came by it, the tick of a firm with a single one."""
    admin.get_by_role("link", name="自社の送信サーバーを設定する").click()
    fill(admin, host=site.smtp.host, port=str(site.smtp.port), sender="saiyo@hinata.example")
    admin.locator("input[name=tls][value=none]").check()
    picture(admin, "06-server")
    admin.get_by_role("button", name="保存する", exact=True).click()
    admin.get_by_role("button", name="確認コードを送る").click()
    wait_until(lambda: site.smtp.to(ADMIN), "the mail with the code arrives")
    part = site.smtp.to(ADMIN)[0].get_body(("plain",))
    assert part is not None
    code = re.search(r"\b\d{6}\b", part.get_content())
    assert code is not None
    fill(admin, code=code[0])
    admin.get_by_role("button", name="コードを確認する").click()
    expect(admin.locator("main")).to_contain_text("届くことを確認済み")
    admin.get_by_label("ログインや招待のメールも、自社の送信サーバーから送る").check()
    picture(admin, "07-code-proved")
    admin.get_by_role("button", name="同じサーバーを使う").click()
    expect(admin.locator("main")).to_contain_text("このメールボックスを開ける人は、結果連絡のほかに")
    admin.locator("nav").get_by_role("link", name="次へ進む").click()


def answer_for_the_operator(admin: Page) -> None:
    """The number the labour office gave; who runs the installation is proposed from the company."""
    expect(admin).to_have_url(re.compile("/setup/operator$"))
    admin.locator("input[name=answer][value=number]").check()
    fill(
        admin, notification_number="51-募-001733", operator_name=COMPANY, operator_address="長野県岡谷市本町0-1-2",
        operator_contact="0266-00-0000",
    )  # fmt: skip
    admin.get_by_role("button", name="保存して次へ").click()


def protect_the_login(admin: Page) -> None:
    """Before the first file the second factor, and then on to the file."""
    admin.get_by_role("link", name="ファイルを選ぶ").click()
    expect(admin.locator("main")).to_contain_text("候補者の情報を守るため")
    people.set_up_factor(admin, lambda step: picture(admin, f"07-{step}"))
    expect(admin).to_have_url(re.compile("/pool/import$"))


def practise_on_two(admin: Page, site: Installation) -> None:
    """Telling two people their results: both mails come to the administrator, marked as practice."""
    before = len(site.smtp.received)
    people.write_results(admin, site, 2)
    expect(admin.get_by_role("heading", level=1)).to_contain_text("練習")
    admin.get_by_role("button", name="練習として自分に送る").click()
    expect(admin.locator("main")).to_contain_text("練習として、2通をあなた宛てに")
    site.wait_for_mails(before + 2)
    for mail in practised(site):
        assert str(mail["To"]) == ADMIN
    assert len(practised(site)) == 2
    assert len(site.smtp.received) == before + 2
    picture(admin, "09-practised")


def try_as_a_candidate(phone: Page, site: Installation) -> None:
    """The link of a practice mail, on a phone: a test person registers, and is told that nobody learns of it."""
    phone.goto(link_to(practised(site)[0], "/practice/"))
    expect(phone.locator("main")).to_contain_text("練習のページです")
    picture(phone, "10-phone-practice")
    assert phone.locator("input[type=checkbox]:checked").count() == 0
    phone.get_by_role("group", name=re.compile("への同意")).first.get_by_role("checkbox").check()
    phone.get_by_label(re.compile("^氏名")).fill(PRACTISED)
    phone.get_by_label("16歳以上です").check()
    phone.get_by_label(re.compile("^暗証番号（4桁")).fill(people.PIN)
    phone.get_by_role("button", name="この内容で登録する").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("練習として、登録を受け付けました")
    picture(phone, "11-phone-registered")


def look_and_erase(admin: Page, site: Installation) -> None:
    """What either side would see, and then nothing of it any more."""
    admin.goto(f"{site.url}/practice")
    expect(admin.get_by_role("region", name="選んだ提携先に見えること")).to_contain_text(PRACTISED)
    hr = admin.get_by_role("region", name="採用担当に見えること")
    expect(hr).to_contain_text("リレー完了")
    expect(hr).not_to_contain_text(PRACTISED)
    picture(admin, "12-what-is-seen")
    admin.get_by_role("button", name="試した内容を削除する").click()
    expect(admin.locator("main")).to_contain_text("削除するものはありません")
    expect(admin.locator("main")).not_to_contain_text(PRACTISED)


def invite_the_partner(admin: Page, site: Installation) -> None:
    """The invitation leaves really, though the company still practises."""
    admin.goto(f"{site.url}/setup/partner")
    fill(admin, email=AGENT)
    admin.locator("input[name=rules]").check()
    picture(admin, "13-invite")
    admin.get_by_role("button", name="招待を送る").click()
    wait_until(lambda: site.smtp.to(AGENT), "the invitation arrives")


def join(agent: Page, link: str) -> None:
    """The agency enters its own particulars and accepts the rules."""
    agent.goto(link)
    agent.locator("input[name=kind][value=agency]").check()
    fill(
        agent, name=AGENCY, address="東京都千代田区0-0-0", representative="紡木 誠", contact="03-0000-0000",
        complaints="苦情相談窓口 佐藤 03-0000-0000", license_number="13-ユ-123456", license_since="2021年4月1日",
        license_until="2029年3月31日", manager="佐藤 恵", free_introductions="3", person="紡木 遥", password=PASSWORD,
    )  # fmt: skip
    agent.locator("input[name=rules]").check()
    picture(agent, "14-partner-joins")
    agent.get_by_role("button", name="登録して提携を受け入れる").click()
    expect(agent).not_to_have_url(re.compile("/invite/"))


def check_the_partner(admin: Page, site: Installation) -> None:
    """HR has looked the licence up; only now candidates may see the agency."""
    admin.goto(f"{site.url}/settings/partners")
    expect(admin.locator("main")).to_contain_text("候補者に表示していません")
    admin.get_by_role("link", name=f"{AGENCY}の確認を記録する").click()
    admin.locator("input[name=same]").check()
    fill(admin, note="人材サービス総合サイトで番号と期限を確認")
    admin.get_by_role("button", name="確認を記録する").click()
    expect(admin.locator("main")).to_contain_text("候補者に表示しています")
    picture(admin, "15-partner-checked")


def go_live(admin: Page, site: Installation) -> None:
    """The one button."""
    admin.goto(f"{site.url}/live")
    picture(admin, "19-ready")
    admin.get_by_label("これから送るメールが候補者に届くことを確認しました").check()
    admin.get_by_role("button", name="本番の送信を始める").click()
    admin.goto(f"{site.url}/live")
    expect(admin.locator("main")).to_contain_text("本番の送信が始まっています")
    picture(admin, "20-live")


def tell_the_first(admin: Page, phone: Page, site: Installation) -> None:
    """A result told for real: it goes to the candidate of the file, and its relay link opens."""
    sample = SAMPLE.read_text(encoding="utf-8-sig")
    people.set_delay(admin, site, 0)
    people.tell_results(admin, site, 1)
    wait_until(lambda: to_others(site), "a mail to a candidate arrives")
    (told,) = to_others(site)
    assert str(told["To"]) in sample, "an address of the imported file"
    assert str(told["Subject"]) == f"【{COMPANY}】選考結果のご連絡"
    phone.goto(link_to(told, "/r/"))
    expect(phone.get_by_role("group", name=f"{AGENCY}への同意")).to_be_visible()
    picture(phone, "21-real-link")
    admin.goto(f"{site.url}/results/sent")
    expect(admin.get_by_role("row").filter(has_text="案内済み")).to_have_count(1)
    picture(admin, "22-told")


def to_others(site: Installation) -> list[EmailMessage]:
    """The mails to whoever is neither the administrator nor the agent."""
    return [mail for mail in site.smtp.received if str(mail["To"]) not in {ADMIN, AGENT}]


def practised(site: Installation) -> list[EmailMessage]:
    """The mails that say they are practice."""
    return [mail for mail in site.smtp.received if str(mail["Subject"]).startswith("【練習】")]


def fill(page: Page, **values: str) -> None:
    """Type into the fields of these names."""
    for name, value in values.items():
        page.locator(f"main input[name={name}]").fill(value)


def picture(page: Page, name: str) -> None:
    """Keep the page as it looks now, if somebody wants to see."""
    if folder := os.environ.get("RELAY_PICTURES"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
