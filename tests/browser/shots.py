"""A picture of every page, to be looked at: `python -m tests.browser.shots` (make shots) writes into shots/.

Names say endpoint and width: portal-pool-1440.png, and -dark where the page was taken in the dark.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

from relay.config import ROOT
from relay.demo.organisations import PIN
from tests.browser import shots_stage, shots_start
from tests.browser.conftest import QUIET, SIZES
from tests.browser.shots_stage import AGENT, HR, Picture, Stage
from tests.installation import Installation, installation
from tests.programs import CHROMIUM, PACKAGES

FOLDER = ROOT / "shots"
ALSO_DARK = (
    "portal-home",
    "portal-pool",
    "portal-record-relayed",
    "portal-results",
    "portal-import-show-herp",
    "agency-people-show",
    "account-login",
    "landing-relay-page-offer",
    "landing-own-page",
    "landing-careers-privacy",
    "portal-home-starting",
    "portal-setup",
    "portal-practice",
    "door-invite-partner",
)
BEHIND_NUMBER = ("landing-own-page", "landing-receipt-page")
WHILE_WAITING = ("portal-home", "portal-results", "portal-results-waiting", "portal-results-queue")
"""Taken again while results wait to be sent and the bar counts down."""


def main() -> None:
    """Start a demo installation, walk its pages, write the pictures."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", help="take only pictures whose name contains this")
    only = options.parse_args().only
    if not only:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder)) as site:
        site.relay("demo")
        site.start()
        stage = shots_stage.prepare(site)
        shots_stage.fill_mailbox(stage)
        with _chromium() as browser:
            taken = _walk(browser, stage, only)
    print(f"{taken} → {FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER}")  # noqa: T201


def _walk(browser: Browser, stage: Stage, only: str) -> int:
    pictures = [each for each in shots_stage.pictures(stage) if only in each.name]
    taken = sum(_take_all(browser, stage.site, pictures, width, dark=False) for width in SIZES)
    dark = [each for each in pictures if each.name in ALSO_DARK]
    taken += sum(_take_all(browser, stage.site, dark, width, dark=True) for width in SIZES)
    if again := [each for each in pictures if each.name in WHILE_WAITING]:
        shots_stage.queue_results(stage)
        waiting = [Picture(f"{each.name}-while-waiting", each.path, each.who) for each in again]
        taken += sum(_take_all(browser, stage.site, waiting, width, dark=False) for width in SIZES)
    return taken


def _take_all(browser: Browser, site: Installation, pictures: list[Picture], width: int, *, dark: bool) -> int:
    """The pictures at one width, window by window for each person who looks."""
    taken = 0
    for who in ("", HR, shots_start.ADMIN, AGENT):
        theirs = [each for each in pictures if each.who == who]
        if not theirs:
            continue
        with _window(browser, width, dark=dark) as page:
            if who:
                _sign_in(page, site, who)
            taken += sum(_take(page, site, each, width, dark=dark) for each in theirs)
    return taken


def _take(page: Page, site: Installation, picture: Picture, width: int, *, dark: bool) -> bool:
    """Write one picture; what is no page of its own (a redirect, data for machines) is left out."""
    if picture.name in BEHIND_NUMBER:
        page.goto(site.url + "/".join(picture.path.split("/")[:3]))
        page.locator("input[name=number]").fill(PIN)
        page.get_by_role("button", name="ページを開く").click()
    answer = page.goto(site.url + picture.path, wait_until="load")
    assert answer is not None
    if answer.request.redirected_from is not None or "text/html" not in answer.headers.get("content-type", ""):
        return False
    if answer.status >= 500:
        sys.exit(f"{picture.name}: {answer.status}")
    with suppress(Late):
        page.wait_for_load_state("networkidle", timeout=2_000)
    with _whole_page(page, width):
        page.screenshot(path=FOLDER / f"{picture.name}-{width}{'-dark' if dark else ''}.png", full_page=True)
    return True


@contextmanager
def _whole_page(page: Page, width: int) -> Iterator[None]:
    """A window as tall as the page, so that what is fixed to its foot stands at the foot of the picture."""
    across, down = SIZES[width]
    page.set_viewport_size({"width": across, "height": max(down, page.evaluate("document.body.scrollHeight"))})
    yield
    page.set_viewport_size({"width": across, "height": down})


def _sign_in(page: Page, site: Installation, email: str) -> None:
    password = (site.folder / "demo-password").read_text(encoding="utf-8").strip()
    page.goto(f"{site.url}/login")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit], form button").last.click()
    page.wait_for_url(lambda url: "/login" not in url)


@contextmanager
def _window(browser: Browser, width: int, *, dark: bool) -> Iterator[Page]:
    across, down = SIZES[width]
    context = browser.new_context(
        viewport={"width": across, "height": down},
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not path:
        sys.exit(f"The pictures need Chromium: apt-get install {PACKAGES[CHROMIUM[0]]}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


if __name__ == "__main__":
    main()
