"""Real Chromium over a real installation. Everything the browser asks for must be on 127.0.0.1."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.browser.people import create_organisations
from tests.browser.samples import SAMPLE
from tests.installation import Installation, installation
from tests.programs import CHROMIUM, found

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""Milliseconds that a page may take on a busy machine; what comes sooner is not waited for."""
SIZES = {1440: (1440, 900), 390: (390, 844)}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the run. Its absence fails: browser tests are never skipped."""
    path = found(*CHROMIUM)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installation in which company and partners are open; made once, by the command line."""
    folder = tmp_path_factory.mktemp("furnished")
    with installation(folder) as made:
        create_organisations(made)
    return folder


@pytest.fixture
def site(tmp_path: Path, furnished: Path) -> Iterator[Installation]:
    """An installation of its own with company and partners, not yet started."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    with installation(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Installation]:
    """The same, started once for the run: for tests that act on nobody but whom they entered themselves."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    with installation(folder) as made:
        made.start()
        yield made


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Installation]:
    """One with the applicants of a file, started once: for tests that leave everybody as they were."""
    folder = tmp_path_factory.mktemp("stocked")
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    with installation(folder) as made:
        made.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated")
        made.start()
        yield made


class Window:
    """A browser window of one person: size, script on or off, and every address it asked for."""

    def __init__(self, browser: Browser, *, width: int, script: bool) -> None:
        self.asked: list[str] = []
        size = SIZES[width]
        self.context: BrowserContext = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            color_scheme="light",
            bypass_csp=False,
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", self._note)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def close(self) -> None:
        """Close the window; fail if it asked another host or met a script error."""
        self.context.close()
        foreign = [url for url in self.asked if not url.startswith(("http://127.0.0.1:", "data:", "about:"))]
        assert not foreign, foreign

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)
