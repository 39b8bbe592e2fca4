"""Every page of the loop, light on a wide screen and dark on a phone: axe-core finds nothing (F-1, F-10)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import chain
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from relay import config, create_app
from relay.extensions import begin_writing, db
from relay.models import scopes
from relay.web import MAIL_CSP
from tests.browser import people, shots_stage, shots_start
from tests.browser.conftest import SIZES
from tests.browser.shots_stage import Picture
from tests.installation import Installation, installation, link_to, links_in, wait_until
from tests.programs import axe_script

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
READING = {"resultTypes": ["violations"], "iframes": False, "preload": {"assets": ["media"]}}
"""What axe reads with: the text of style sheets is asked for by an experimental rule alone, which does not run."""
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((390, "dark"), (1440, "light"))
"""How axe reads every page: on a phone in the dark, then as the window was opened, on a wide screen in the light."""
BROKEN = Path(__file__).parent.parent / "samples" / "broken" / "bad-rows.csv"
ELSEWISE = (
    "/pool?all=1", "/pool?q=営業", "/pool?q=見つからない言葉", "/pool/duplicates?namesakes=1",
    "/pool/missing?show=kana",
    "/account", "/account/email", "/account/second-factor", "/account/proof", "/no-such-page",
)  # fmt: skip
"""What HR sees beside the pages of the portal, which come from the URL map: some of them in another state."""
STARTING = ("/", "/settings/partners", "/settings/privacy")
"""Pages of the live company that look otherwise to the administrator of one that has just begun."""
PUBLIC = (
    "/about",
    "/about/privacy",
    "/careers/hinata/privacy",
    "/password",
    "/login",
    "/r/no-such-link",
    "/invite/no-such-link",
)
UNREACHABLE = 3
"""So many at the head of the demo's list have a mailbox that bounced."""
AGENCY = (
    "/agency",
    "/agency/people",
    "/agency/people?q=経理",
    "/agency/records",
    "/agency/companies",
    "/agency/ended",
    "/agency/ended?all=1",
    "/account",
    "/account/colleagues",
    "/account/incidents",
    "/account/partner",
    "/account/security",
)


@dataclass
class Demo:
    """A demo installation with live links of every kind, made by telling four people."""

    site: Installation
    password: str
    links: dict[str, str] = field(default_factory=dict)
    behind_links: list[str] = field(default_factory=list)
    """Pages of staff behind mailed links: setup, invitations, a new password."""
    portal: list[Picture] = field(default_factory=list)
    """Every page of the portal, and who looks at it."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Demo]:
    """One demo for the module; its mails go to the test's mail server."""
    with installation(tmp_path_factory.mktemp("demo")) as site:
        site.relay("demo")
        site.start()
        made = Demo(site, (site.folder / "demo-password").read_text(encoding="utf-8").strip())
        context = chromium.new_context(locale="ja-JP")
        page = context.new_page()
        sign_in(page, made, "hr@demo.example")
        people.set_delay(page, site, 0)
        people.tell_results(page, site, 4, skip=UNREACHABLE)
        mails = _wait_for(site, "/r/", 4)
        links = [link_to(mail, "/r/") for mail in mails]
        made.links = {"offer": links[0], "used": links[1], "declined": links[2], "waiting": links[3]}
        made.links["stop"] = next(link for link in links_in(mails[0]) if "/u/" in link)
        _answer(page, made, registering=str(mails[1]["To"]))
        made.behind_links = _begin(made)
        made.portal = shots_stage.pictures_of(shots_stage.prepare_office(site), "portal")
        context.close()
        yield made


def _begin(demo: Demo) -> list[str]:
    """A second company begins beside the first; gives the paths of what it mailed and of what everybody is mailed."""
    app = create_app(config.load(demo.site.environment))
    with app.app_context():
        begin_writing()
        with scopes.everyone(db.session(), "accessibility: a company that begins"):
            shots_start.open_company(db.session(), demo.password, "agent@demo.example")
            db.session.commit()
            behind = {
                "/setup/": shots_start.setup_link,
                "/invite/": shots_start.invitation_links,
                "/password/": shots_start.password_link,
                "/new-email/": shots_start.new_email_link,
                "/practice/": shots_start.practice_link,
                "/pin/": shots_start.choosing_link,
            }
            begin_writing()
            paths = [f"{path}{each['token']}" for path, made in behind.items() for _name, each in made(demo)]
            db.session.commit()
    return paths


def _answer(page: Page, demo: Demo, *, registering: str) -> None:
    site = demo.site
    partner = "つむぎエージェント株式会社"
    people.register(page, demo.links["used"], "試し 登録", [partner])
    people.register(page, demo.links["waiting"], "試し 別宛", [partner], address="other@another.example")
    page.goto(demo.links["declined"])
    page.get_by_text("今回は登録しない", exact=True).click()
    expect(page.get_by_text("分かりました。どこにも情報は伝えません。")).to_be_visible()
    (own,) = _wait_for(site, "/me/", 1, to=registering)
    (agree,) = _wait_for(site, "/agree/", 1)
    demo.links |= {"own": link_to(own, "/me/"), "agree": link_to(agree, "/agree/")}
    page.goto(demo.links["agree"])
    page.get_by_role("button", name="自分の申し込みなので、登録を進める").click()
    (confirm,) = _wait_for(site, "/confirm/", 1)
    demo.links["confirm"] = link_to(confirm, "/confirm/")


def _wait_for(site: Installation, path: str, count: int, *, to: str = "") -> list[EmailMessage]:
    """The mails with a link of this kind, once there are so many; the worker mails what the day brings beside them."""

    def arrived() -> list[EmailMessage]:
        mails = [mail for mail in site.smtp.received if not to or mail["To"] == to]
        return [mail for mail in mails if any(path in link for link in links_in(mail))]

    wait_until(lambda: len(arrived()) >= count, f"{count} mails with {path} arrive")
    return arrived()


def sign_in(page: Page, demo: Demo, email: str) -> None:
    """Sign in at the demo."""
    page.goto(f"{demo.site.url}/login")
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_label("パスワード", exact=True).fill(demo.password)
    page.get_by_role("button", name="ログインする").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("ログイン")


def test_axe_finds_nothing(demo: Demo, chromium: Browser) -> None:
    context = chromium.new_context(locale="ja-JP", bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    _look(page, *LOOKS[-1])
    found: list[str] = []
    for name in ("offer", "used", "declined", "waiting", "agree", "confirm", "own", "stop"):
        page.goto(demo.links[name])
        found += problems(page, name)
    people.enter(page, demo.links["own"], "8351")
    found += problems(page, "own page, wrong number")
    people.enter(page, demo.links["own"])
    expect(page.get_by_role("heading", name="いま伝えている登録先")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found += problems(page, "own page, inside, all of it open")
    page.goto(f"{demo.links['own']}/receipt")
    found += problems(page, "receipt")
    page.goto(demo.links["offer"])
    page.get_by_role("button", name="この内容で登録する").click()
    found += problems(page, "offer with errors")
    found += walk(page, demo, PUBLIC, demo.behind_links)
    sign_in(page, demo, shots_start.ADMIN)
    found += walk(page, demo, STARTING, paths_of(demo, shots_start.ADMIN))
    context.clear_cookies()
    sign_in(page, demo, shots_stage.HR)
    found += walk(page, demo, ELSEWISE, paths_of(demo, shots_stage.HR))
    found += problems_of_broken_file(page, demo.site.url)
    context.clear_cookies()
    sign_in(page, demo, "agent@demo.example")
    found += walk(page, demo, AGENCY)
    page.goto(f"{demo.site.url}/agency/people/{people.codes_seen(page, demo.site)[0]}")
    expect(page.locator("main")).to_contain_text("同意の範囲")
    found += problems(page, "/agency/people/<code>")
    context.close()
    assert not found, "\n".join(found)


def test_no_script_asks_how_wide_or_dark_the_window_is() -> None:
    """So that a page loaded once can be read in every look."""
    asks = re.compile(r"matchMedia|(inner|outer|client|offset|scroll)Width|getBoundingClientRect|[rR]esize|\bscreen\.")
    own = list((config.ROOT / "static" / "js").glob("*.js"))

    assert own
    assert [file.name for file in own if asks.search(file.read_text(encoding="utf-8"))] == []


def paths_of(demo: Demo, who: str) -> list[str]:
    """The pages of the portal this person looks at."""
    return [each.path for each in demo.portal if each.who == who]


CUT_OFF = """() => {
  const said = [];
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide + 1) said.push("scrolls sideways");
  for (const each of document.querySelectorAll("body *")) {
    if (!each.checkVisibility() || each.closest(".sr, template, svg, select")) continue;
    const box = each.getBoundingClientRect(), style = getComputedStyle(each);
    const name = `${each.tagName.toLowerCase()}.${each.className} ${(each.innerText || "").slice(0, 20)}`;
    if (box.width && (box.right > wide + 1 || box.left < -1)) said.push(`outside: ${name}`);
    const cuts = style.overflowX !== "visible" && each !== document.body && each.tagName !== "INPUT";
    if (cuts && each.scrollWidth > each.clientWidth + 1) said.push(`cut: ${name}`);
    const own = [...each.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join("");
    const narrow = each.clientWidth && each.clientWidth < 3 * parseFloat(style.fontSize);
    if (own.length > 6 && narrow) said.push(`a column of letters: ${name}`);
  }
  return said;
}"""
"""What of a page lies outside the window, is cut off, or stands one letter a line (WCAG 1.4.4, 1.4.10)."""


def test_letters_twice_as_large_lose_nothing_on_a_phone(demo: Demo, chromium: Browser) -> None:
    """As a reader does who has set the letters of the browser so: the root's size grows, the window does not."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP", reduced_motion="reduce")
    page, found = context.new_page(), list[str]()

    def measure(name: str) -> None:
        page.wait_for_load_state("load")  # a heading is there before the style sheet is
        page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true")
        for percent in (100, 200):
            page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
            found.extend(f"{name} at {percent} %: {each}" for each in page.evaluate(CUT_OFF))

    for name in ("offer", "used", "waiting", "agree", "confirm", "own", "stop"):
        page.goto(demo.links[name])
        measure(name)
    for path in ("/me", "/about", "/careers/hinata/privacy", "/r/no-such-link", "/me/no-such-link"):
        page.goto(demo.site.url + path)
        measure(path)
    page.goto(demo.links["offer"])
    page.get_by_role("button", name="この内容で登録する").click()
    measure("offer with errors")
    page.goto(demo.links["confirm"])
    page.get_by_label(re.compile("^暗証番号（4桁")).fill(people.PIN)
    page.get_by_role("button", name="内容を確認する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("内容をご確認ください")
    measure("what is confirmed")
    people.enter(page, demo.links["own"])
    expect(page.get_by_role("heading", name="いま伝えている登録先")).to_be_visible()
    measure("own page, inside")
    context.close()
    assert not found, "\n".join(found)


def problems_of_broken_file(page: Page, url: str) -> list[str]:
    """What axe-core finds where a file that cannot be read was dropped."""
    page.goto(f"{url}/pool/import")
    page.locator("input[type=file]").set_input_files(BROKEN)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_load_state()
    return problems(page, f"import of {BROKEN.name}")


def walk(page: Page, demo: Demo, *paths: Iterable[str]) -> list[str]:
    """What axe-core finds on pages that are there, or are meant not to be; one that several lead to is read once."""
    found, read = list[str](), set[str]()
    for path in chain(*paths):
        answer = page.goto(demo.site.url + path)
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", "") or _is_mail(answer) or page.url in read:
            continue
        read.add(page.url)
        expected = 404 if "no-such" in path else 200
        found += problems(page, path) if answer.status == expected else [f"{path}: {answer.status}"]
    return found


def _is_mail(answer: Response) -> bool:
    """A mail as it is shown in a frame, made for mail programs and no page of its own."""
    return answer.headers.get("content-security-policy") == MAIL_CSP


def problems(page: Page, name: str) -> list[str]:
    """What axe-core says of the page once it is there, a line each; also a page that scrolls sideways.

    It is loaded once and read in every one of `LOOKS`: no script of Relay asks how wide or how dark the window is.
    The window keeps the last of them.
    """
    expect(page.locator("main")).to_be_attached()
    page.wait_for_load_state("load")
    page.evaluate(axe_script())
    said = list[str]()
    for width, scheme in LOOKS:
        _look(page, width, scheme)
        found = page.evaluate("reading => axe.run(document, reading)", READING | {"runOnly": RULES})
        said += [
            f"{name}, {width} {scheme}: {each['id']}: {each['nodes'][0]['target']} "
            f"{each['nodes'][0]['failureSummary'][:200]}"
            for each in found["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            said.append(f"{name}, {width} {scheme}: scrolls sideways")
    return said


def _look(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    """Give the window this width and scheme, and wait until it has drawn itself so."""
    across, down = SIZES[width]
    page.set_viewport_size({"width": across, "height": down})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
