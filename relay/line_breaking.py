"""Where a Japanese heading may break: between phrases, never inside a word."""

from functools import cache, lru_cache

import budoux
from markupsafe import escape


@lru_cache(maxsize=2000)  # tricks: portal.settings_privacy_preview
def breakable(text: str) -> str:
    """Return the escaped text with `<wbr>` between phrases, for headings and buttons of class `keep`."""
    return "<wbr>".join(str(escape(phrase)) for phrase in _parser().parse(text)) if text else ""


@cache  # one for the process: it loads its model
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()
