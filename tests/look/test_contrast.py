"""The contrast of every colour pair the sheets use, computed from tokens.css (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

from relay.models import TagColour

TOKENS = (Path(__file__).parents[2] / "static" / "css" / "tokens.css").read_text()
TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("bg", "surface", "surface-2", "surface-3", "accent-soft")
MEANINGS = ("ok", "warn", "danger", "info")
TAGS = ("tag-green", "tag-blue", "tag-violet", "tag-rose", "tag-ochre")
"""Every colour a company may give a tag, but the plain one, which is text-2 on surface-3."""

PAIRS = [
    *((ink, ground, TEXT) for ink in ("text", "text-2", "text-3") for ground in GROUNDS),
    *(("text", f"{meaning}-soft", TEXT) for meaning in (*MEANINGS, "baton")),
    *(("text-2", f"{meaning}-soft", TEXT) for meaning in (*MEANINGS, "baton")),
    *(("accent", f"{meaning}-soft", TEXT) for meaning in (*MEANINGS, "baton", "accent")),
    *((meaning, f"{meaning}-soft", TEXT) for meaning in MEANINGS),
    *((meaning, ground, TEXT) for meaning in MEANINGS for ground in ("bg", "surface", "surface-2")),
    *((green, ground, TEXT) for green in ("accent", "accent-hover") for ground in GROUNDS),
    *((tag, ground, TEXT) for tag in TAGS for ground in (f"{tag}-soft", "surface")),
    *(("text", f"{tag}-soft", TEXT) for tag in TAGS),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    ("on-danger", "danger", TEXT),
    ("on-baton", "baton", TEXT),
    ("on-baton", "baton-hover", TEXT),
    ("on-raised", "raised", TEXT),
    ("raised-link", "raised", TEXT),
    *(("line-strong", ground, SHAPE) for ground in ("surface", "surface-2", "accent-soft")),
    *(("baton-edge", ground, SHAPE) for ground in ("bg", "surface", "baton-soft")),
    *(("chart-1", ground, SHAPE) for ground in ("surface", "surface-3")),
    ("focus-halo", "focus-core", SHAPE),
]


def colours(name: str) -> tuple[str, str]:
    """The token's light and dark value."""
    found = re.search(rf"--{name}: (?:light-dark\((#\w{{6}}), (#\w{{6}})\)|(#\w{{6}}));", TOKENS)
    assert found, name
    return (found[1], found[2]) if found[1] else (found[3], found[3])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio between two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS, ids=str)
def test_pair_can_be_read_in_light_and_dark(ink: str, ground: str, least: float) -> None:
    for side, one, other in zip(("light", "dark"), colours(ink), colours(ground), strict=True):
        assert contrast(one, other) >= least, f"{ink} on {ground}, {side}: {contrast(one, other):.2f}"


def test_every_colour_of_tags_is_among_the_pairs() -> None:
    coloured = {f"tag-{colour.value}" for colour in TagColour} - {"tag-plain"}
    assert coloured == set(TAGS)
