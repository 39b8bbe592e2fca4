"""A refusal that should not have gone: HR takes it back; the link says so, and who had registered is asked."""

import re
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.installation import Installation, link_to, wait_until

TSUMUGI, _OTHER = people.AGENCIES


@pytest.mark.parametrize(("width", "script"), [(1440, True), (390, False)])
def test_a_mail_that_was_sent_by_mistake(site: Installation, chromium: Browser, width: int, script: bool) -> None:
    site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated")
    site.start()
    office, phone = Window(chromium, width=width, script=script), Window(chromium, width=390, script=script)
    hr, person = office.page, phone.page
    people.open_session(hr, site, people.HR)
    people.set_delay(hr, site, 0)
    people.tell_results(hr, site, 3)
    mail = site.wait_for_mails(3, linking="/r/")[0]
    address, relay = str(mail["To"]), link_to(mail, "/r/")
    people.register(person, relay, "登録 一号", [TSUMUGI])

    hr.goto(f"{site.url}/results/sent")
    hr.get_by_role("link", name=re.compile(f"^誤って送った.*{_named(mail)}")).click()
    hr.get_by_role("radio", name=re.compile("選考の結果")).check()
    hr.get_by_role("button", name="誤って送ったと記録し、リンクを止める").click()
    expect(hr.get_by_role("heading", level=1)).to_have_text("誤って送ったメール")
    expect(hr.get_by_role("checkbox")).to_have_count(2)
    hr.get_by_role("link", name="お詫びのメールを書く").click()
    hr.get_by_role("button", name="お詫びを送る").click()
    expect(hr.get_by_role("link", name="お詫びの文面を見る")).to_be_visible()
    wait_until(lambda: _with_subject(site, address, "お詫び"), "the apology leaves")
    hr.get_by_role("link", name="事故の記録を開く").click()
    expect(hr.get_by_label("事故の記録")).to_have_value(re.compile("本人の数：1名"))

    person.goto(relay)
    expect(person.get_by_role("heading", level=1)).to_contain_text("誤って送られたものでした")
    wait_until(lambda: _with_subject(site, address, "きっかけ"), "Relay asks who had registered")
    people.enter(person, link_to(_with_subject(site, address, "きっかけ")[0], "/me/"))
    asked = re.compile("からのご案内は、誤って送られたものでした")
    expect(person.get_by_role("heading", name=asked)).to_be_visible()
    person.get_by_role("button", name="登録を続ける").click()
    expect(person.get_by_role("heading", name=asked)).to_have_count(0)
    expect(person.get_by_role("heading", name=TSUMUGI)).to_be_visible()
    office.close()
    phone.close()


def _named(mail: EmailMessage) -> str:
    """The name in the greeting."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).partition("様")[0].strip()


def _with_subject(site: Installation, address: str, words: str) -> list[EmailMessage]:
    return [each for each in site.smtp.to(address) if words in str(each["Subject"])]
