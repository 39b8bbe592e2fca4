"""Somebody is entered, met again, given a file and heard from: on a phone without script, and by dropping with it."""

import re
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import papers
from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation

PAPER = papers.pdf("月次決算と連結決算を担当")
DROP = """([selector, name, data]) => {
  const file = new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type: "application/pdf" });
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(drop);
}"""


@pytest.mark.parametrize(("width", "script"), [(390, False), (1440, True)], ids=["phone-no-script", "desk"])
def test_one_person_from_the_first_word_to_the_last(
    site: Installation, chromium: Browser, tmp_path: Path, width: int, script: bool
) -> None:
    site.start()
    office = Window(chromium, width=width, script=script)
    page = office.page
    people.open_session(page, site, people.HR)
    _enter(page, site, "髙橋 すみれ")
    expect(page.locator("h1")).to_contain_text("髙橋 すみれ")
    record = page.url

    _enter(page, site, "高橋すみれ")
    expect(page.get_by_role("heading", name="すでに登録されている方かもしれません")).to_be_visible()
    page.get_by_label(re.compile("髙橋 すみれさんの、新しい応募")).check()
    page.get_by_role("button", name="登録する").click()
    expect(page, "the known person got an application, not a second record").to_have_url(record)
    expect(page.locator("#file")).to_be_visible()

    if script:
        page.wait_for_load_state()  # the script that takes the drop runs after the field is on the page
        page.evaluate(DROP, ["[data-drop]", "職務経歴書.pdf", b64encode(PAPER).decode()])
    else:
        page.locator("#file").set_input_files({"name": "職務経歴書.pdf", "mimeType": "x", "buffer": PAPER})
    page.get_by_role("button", name="書類を保存する").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="職務経歴書.pdf").click()
    assert saved.value.suggested_filename == "職務経歴書.pdf"
    assert saved.value.path().read_bytes() == PAPER

    page.get_by_text("この方への連絡をすべて停止する").click()
    page.locator("#contact_channel").get_by_label("電話").check()
    page.get_by_role("button", name="連絡をすべて停止する").click()
    expect(page.locator("main")).to_contain_text("ご本人の希望で停止しています")

    page.get_by_text("電話やメールで届いた返信を記録する").click()
    page.locator("#reply-contact_channel").get_by_label("電話").check()
    page.locator("#reply-body").fill("春なら話を聞きたいとのこと")
    page.get_by_role("button", name="返信を記録する").click()
    expect(page.locator("#happened")).to_contain_text("ご本人の返信（電話）")
    office.close()


def _enter(page: Page, site: Installation, name: str) -> None:
    page.goto(f"{site.url}/pool/new")
    page.locator("#name").fill(name)
    page.locator("#phone").fill("090-1111-2222")
    page.get_by_label(re.compile("応募のときにお伝えしている")).check()
    page.get_by_role("button", name="登録する").click()
