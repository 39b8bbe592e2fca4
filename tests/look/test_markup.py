"""What no template may contain, and what every template relies on."""

import hashlib
import re
from pathlib import Path

import pytest

from relay.portal.ui.navigation import MenuSection

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MAILS = ROOT / "templates" / "mail"
SPRITE = (ROOT / "static" / "icons" / "sprite.svg").read_text()
PAGES = [path for path in TEMPLATES if MAILS not in path.parents]

FORBIDDEN = {
    "an inline style, which the policy refuses (E-10)": r"<style|\sstyle=",
    "inline script (E-10)": r"<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on|javascript:",
    "a placeholder (F-6)": r"\splaceholder=",
    "a disabled control (F-6, F-7)": r"<(?:button|input|select|textarea)[^>]*\sdisabled",
    "something from another house": r"(?:src|href)=[\"'](?:https?:)?//",
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_contains(path: Path, what: str) -> None:
    without_comments = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    assert not re.search(FORBIDDEN[what], without_comments), what


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_icon_named_is_in_the_sprite(path: Path) -> None:
    named = re.findall(r"""\bicon\(\s*['"]([\w-]+)['"]|icon_name=['"]([\w-]+)['"]""", path.read_text())
    missing = {first or second for first, second in named} - set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
    assert not missing


def test_every_section_of_the_menu_has_an_icon_of_its_own_in_the_sprite() -> None:
    icons = [section.icon for section in MenuSection]
    assert len(set(icons)) == len(icons)
    assert set(icons) <= set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))


def test_vendored_files_are_the_recorded_ones() -> None:
    vendor = ROOT / "static" / "vendor"
    recorded = dict(re.findall(r"^\| `(\S+)` .* `([0-9a-f]{64})` \|$", (vendor / "README.md").read_text(), flags=re.M))
    found = {
        str(path.relative_to(vendor)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.suffix in {".js", ".woff2"}
    }
    assert found == recorded
