"""The walks of tests/browser in the windows that `make test` leaves out: the other width for each side and script."""

import pytest
from playwright.sync_api import Browser

from tests.browser.test_first_ten_minutes import run_the_first_ten_minutes
from tests.browser.test_whole_loop import run_the_whole_loop
from tests.installation import Installation


@pytest.mark.parametrize(("width", "script"), [(390, True), (1440, False)])
def test_the_whole_loop(site: Installation, chromium: Browser, width: int, script: bool) -> None:
    run_the_whole_loop(site, chromium, width=width, script=script)


def test_the_first_ten_minutes(empty: Installation, chromium: Browser) -> None:
    run_the_first_ten_minutes(empty, chromium, office_width=1440, agency_width=390)
