"""`make shots` can reach every page: a new route with a parameter must be taught to it."""

from pathlib import Path

from relay import create_app
from tests.browser.shots_stage import filler_of, pages
from tests.conftest import make_settings


def test_every_page_can_be_pictured(tmp_path: Path) -> None:
    rules = pages(create_app(make_settings(tmp_path)))

    assert len(rules) > 20
    assert all(filler_of(rule) for rule in rules if rule.arguments)
