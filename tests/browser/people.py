"""What the people of the loop do in their windows, in their own words: each function is one act on a page."""

import re
import urllib.request
from collections.abc import Callable, Mapping

import pyotp
from playwright.sync_api import Page, expect

from tests.cast import PIN
from tests.installation import PASSWORD, Installation

HR = "hr@hinata.example"
AGENCIES = {
    "つむぎエージェント株式会社": "agent@tsumugi.example",
    "株式会社ミチビキキャリア": "agent@michibiki.example",
}
SCHOOL = {"学校法人みらい実務学院": "agent@mirai.example"}
PARTNERS = AGENCIES | SCHOOL


def create_organisations(site: Installation) -> None:
    """A company, two agencies and a school, by the command line."""
    told = ("--address", "長野県岡谷市本町0-1-2", "--representative", "日向 正人", "--contact", "0266-00-0000")
    site.relay(
        "company", "create", "--name", "株式会社ひなた精工", "--slug", "hinata", "--admin", HR,
        "--live", "--no-second-factor", *told, "--password-stdin", typed=PASSWORD + "\n",
    )  # fmt: skip
    for place, (name, agent) in enumerate(PARTNERS.items()):
        slug = agent.split("@")[1].split(".")[0]
        kind = "school" if name in SCHOOL else "agency"
        licence = [] if kind == "school" else ["--license", f"20-ユ-99990{place}", "--license-until", "2029-03-31"]
        site.relay(
            "partner", "create", "--name", name, "--slug", slug, "--kind", kind, "--agent", agent, *licence, *told,
            "--no-second-factor", "--password-stdin", typed=PASSWORD + "\n",
        )  # fmt: skip
        site.relay("partnership", "create", "--company", "hinata", "--partner", slug)


def sign_in(page: Page, site: Installation, email: str) -> None:
    """Through the login page, as anyone."""
    page.goto(f"{site.url}/login")
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログインする").click()
    expect(page).not_to_have_url(re.compile("/login"))
    if "/account/notice" in page.url:
        page.get_by_role("button", name="同意して利用を始める").click()
        expect(page).not_to_have_url(re.compile("/account/notice"))


def open_session(page: Page, site: Installation, email: str) -> None:
    """Sign the window in by the requests of the login form and of the notice, without drawing either page."""
    at = _post(page, f"{site.url}/login", email=email, password=PASSWORD)
    if "/account/notice" in at:
        at = _post(page, at)
    assert "/login" not in at and "/account/notice" not in at, at


def _post(page: Page, url: str, **filled: str) -> str:
    """Fill in the form of an address and send it; returns where it leads."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.request.get(url).text())
    assert token is not None, url
    answer = page.request.post(url, form={"csrf_token": token[1], **filled})
    assert answer.ok, f"{url}: {answer.status}"
    return answer.url


def set_up_factor(page: Page, look: Callable[[str], None] = lambda _step: None) -> None:
    """Set the second factor up from the secret shown as text, as far as the page after the recovery codes."""
    page.get_by_role("button", name="設定をはじめる").click()
    secret = re.sub(r"\s", "", page.locator("[data-secret]").inner_text())
    look("second-factor")
    page.get_by_label("アプリに表示された6桁の数字").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="確認して有効にする").click()
    expect(page.locator(".codes li")).to_have_count(10)
    look("recovery-codes")
    page.get_by_role("link", name="保管を確認して先へ進む").click()


def set_delay(page: Page, site: Installation, minutes: int) -> None:
    """How long a result mail waits, in the settings; it leaves at any hour, since tests run at any."""
    page.goto(f"{site.url}/settings/results")
    page.locator("input[name=send_delay_minutes]").fill(str(minutes))
    page.get_by_label("夜間と休日には送らない").uncheck()
    page.get_by_label("応募から24時間は送らない").uncheck()
    page.get_by_role("button", name=re.compile("保存")).click()
    page.goto(f"{site.url}/settings/results")
    expect(page.locator("input[name=send_delay_minutes]")).to_have_value(str(minutes))


def write_results(page: Page, site: Installation, count: int, *, remark: str = "", skip: int = 0) -> None:
    """Choose `count` of those in selection, after the first `skip`; write, look at the confirmation."""
    page.goto(f"{site.url}/applications?end=open")
    boxes = page.locator("tbody input[name=id]")
    for place in range(skip, skip + count):
        boxes.nth(place).check()
    page.get_by_role("button", name="見送りにして結果を書く").click()
    page.locator("select#reason").select_option("comparison")
    page.get_by_role("button", name="見送りにする方を確認して、結果を書く").click()
    if remark:
        page.locator("textarea.remark").first.fill(remark)
    page.get_by_role("button", name=re.compile("確認|確かめ")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        re.compile(f"{count}名に結果を伝え(ます|る練習をします)")
    )


def tell_results(page: Page, site: Installation, count: int, *, remark: str = "", skip: int = 0) -> None:
    """Write and send."""
    write_results(page, site, count, remark=remark, skip=skip)
    odd = page.get_by_label(re.compile("気になる書き方のある"))
    if odd.count():
        odd.check()
    page.get_by_role("button", name=f"{count}名に送る").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("に結果を伝えます")


def register(
    page: Page,
    link: str,
    name: str,
    partners: list[str],
    *,
    address: str = "",
    twice: bool = False,
    written: Mapping[str, str] | None = None,
) -> None:
    """Open the relay link, tick the chosen partners and nobody else, choose a number, and send.

    `written` is what else is filled in, by the label of the field.
    """
    page.goto(link)
    assert page.locator("input[type=checkbox]:checked").count() == 0, "a box was ticked before the person did it"
    for partner in partners:
        page.get_by_role("group", name=f"{partner}への同意").get_by_role("checkbox").check()
    page.get_by_label(re.compile("^氏名")).fill(name)
    for label, words in (written or {}).items():
        page.get_by_label(re.compile(f"^{label}")).fill(words)
    if address:
        page.get_by_label("別の宛先", exact=True).check()
        page.get_by_label(re.compile("別の宛先のメールアドレス")).fill(address)
    page.get_by_label(re.compile("^暗証番号（4桁")).fill(PIN)
    page.get_by_label("16歳以上です").check()
    button = page.get_by_role("button", name="この内容で登録する")
    if twice:
        button.dblclick()
    else:
        button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "確認のメールをお送りしました" if address else "登録しました"
    )


def enter(page: Page, link: str, number: str = PIN) -> None:
    """Open the mailed link of an own page, type the number, send."""
    page.goto(link)
    page.get_by_label(re.compile("^暗証番号（4桁")).fill(number)
    page.get_by_role("button", name="ページを開く").click()


def scan(link: str, times: int) -> None:
    """A mail scanner fetches the link, as they do at delivery."""
    for _ in range(times):
        for method in ("GET", "HEAD"):
            with urllib.request.urlopen(urllib.request.Request(link, method=method), timeout=10) as answer:
                assert answer.status == 200
                assert "Set-Cookie" not in answer.headers


def codes_seen(page: Page, site: Installation) -> list[str]:
    """Every code in the partner's list."""
    page.goto(f"{site.url}/agency/people")
    return re.findall(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b", page.locator("main").inner_text())


def names_seen(page: Page, site: Installation) -> set[str]:
    """The names on the record pages of everyone in the list; the window asks for these pages without drawing them."""
    names = set()
    for code in codes_seen(page, site):
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", page.request.get(f"{site.url}/agency/people/{code}").text(), re.S)
        assert heading is not None, code
        names.add(re.sub(r"<[^>]+>", "", heading[1]).split("さん")[0].strip())
    return names
