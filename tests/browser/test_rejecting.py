"""123 people, 71 of them in selection: selecting all rejects nobody of these unnoticed, with and without script."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation, installation

DECIDED, IN_SELECTION = 52, 71
GO_ON = "見送りにする方を確認して、結果を書く"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Installation]:
    """A company whose file held 52 rejected people nobody was told, and 71 whose selection runs; nobody is told."""
    folder = tmp_path_factory.mktemp("rejecting")
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    head = "氏名,メールアドレス,募集職種,選考ステップ,選考結果"
    lines = [f"候補 {n:03},p{n}@mail.example,経理,最終面接,{'不採用' if n <= DECIDED else ''}" for n in range(1, 124)]
    sheet = folder / "people.csv"
    sheet.write_text("\n".join([head, *lines]), encoding="utf-8")
    with installation(folder) as site:
        site.relay("import", str(sheet), "--company", "hinata", "--basis", "stated", "--told", "no")
        site.start()
        yield site


def select_all(page: Page, words: str) -> None:
    page.locator("tbody input[name=id]").first.check()
    page.get_by_role("link", name=words).click()
    expect(page.locator(".bulkbar strong")).to_contain_text("選択中")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_selecting_all_rejects_nobody_unnoticed(office: Installation, chromium: Browser, script: bool) -> None:
    window = Window(chromium, width=1440 if script else 390, script=script)
    page = window.page
    people.open_session(page, office, people.HR)

    page.goto(f"{office.url}/results")
    select_all(page, f"条件に合う{DECIDED}名すべてを選択")
    page.get_by_role("button", name="結果連絡を書く").click()
    page.get_by_role("button", name="確認へ進む").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{DECIDED}名に結果を伝えます")
    expect(page.locator("main")).not_to_contain_text("選考中")

    page.goto(f"{office.url}/applications")
    select_all(page, f"条件に合う選考中の{IN_SELECTION}名すべてを選択")
    page.get_by_role("button", name="見送りにして結果を書く").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"{IN_SELECTION}名を見送りにします")
    asked = page.url
    page.locator("select#reason").select_option("filled")
    page.get_by_label(re.compile("見送りにする人数")).fill("123")
    page.get_by_role("button", name=GO_ON).click()
    expect(page.locator("#errors")).to_contain_text("入力した人数（123）が、見送りにする人数と違います")
    expect(page.get_by_label(re.compile("見送りにする人数"))).to_have_value("123")
    expect(page.locator("select#reason")).to_have_value("filled")

    page.goto(asked)
    page.reload()
    expect(heading).to_have_text(f"{IN_SELECTION}名を見送りにします")
    page.go_back()
    page.goto(asked)
    page.locator("select#reason").select_option("filled")
    page.get_by_label(re.compile("見送りにする人数")).fill("71")
    page.get_by_role("button", name=GO_ON).dblclick()
    expect(heading).to_have_text("結果連絡を書く")
    page.go_back()
    expect(heading).to_have_text(f"{IN_SELECTION}名を見送りにします")
    page.go_forward()
    page.get_by_role("button", name="確認へ進む").click()
    expect(heading).to_have_text(f"{IN_SELECTION}名に結果を伝えます")
    expect(page.get_by_role("heading", level=2).first).to_have_text(f"送ると見送りになる、選考中の{IN_SELECTION}名")
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.locator("tbody tr").first).to_contain_text("様")
    expect(page.locator("tbody tr").first).to_contain_text("@mail.example")

    other = window.context.new_page()
    other.goto(f"{office.url}/applications?end=open")
    expect(other.locator("#list-count")).to_have_text(re.compile(f"{IN_SELECTION}"))
    other.goto(page.url)
    page.get_by_role("button", name=f"{IN_SELECTION}名に送る").click()
    expect(page).to_have_url(re.compile("/results/waiting"))
    other.get_by_role("button", name=f"{IN_SELECTION}名に送る").click()
    expect(other.locator("body")).to_contain_text("二重には送りません")
    other.get_by_role("button", name=re.compile("送信を停止する")).first.click()
    other.goto(f"{office.url}/applications?end=open")
    expect(other.locator("#list-count")).to_have_text(re.compile(f"{IN_SELECTION}"))
    assert office.smtp.received == []
    window.close()
    assert not [error for error in window.errors if "422" not in error], window.errors
