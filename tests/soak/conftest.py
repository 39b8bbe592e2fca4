"""The browser and the installations of tests/browser, for its long forms."""

from tests.browser.conftest import chromium, furnished, site
from tests.browser.test_first_ten_minutes import empty

__all__ = ["chromium", "empty", "furnished", "site"]
