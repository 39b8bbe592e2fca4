"""`make shots` can reach every page: a new route with a parameter must be taught to it."""

from pathlib import Path

from relay import create_app
from tests.browser.shots_stage import PARTS, filler_of, pages
from tests.conftest import make_settings


def test_every_page_can_be_pictured(tmp_path: Path) -> None:
    rules = pages(create_app(make_settings(tmp_path)))

    assert len(rules) > 20
    assert all(filler_of(rule) for rule in rules if rule.arguments)


def test_every_page_of_the_portal_is_pictured_and_read_by_axe(tmp_path: Path) -> None:
    app = create_app(make_settings(tmp_path))
    shown = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("portal.") and "GET" in (rule.methods or ())
    }
    parts = {endpoint for endpoint in PARTS if endpoint.startswith("portal.")}

    assert parts < shown, "what is put into a page is still there"
    assert {rule.endpoint for rule in pages(app, "portal")} == shown - parts
