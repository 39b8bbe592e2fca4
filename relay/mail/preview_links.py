"""Links that lead nowhere: what a preview, or a sent mail on screen, shows in place of the real ones."""

import re

from flask_babel import gettext as _

from relay.mail.letters import LINK_KEYS
from relay.mail.tokens import PATHS

_HREF = re.compile(r"""\s(?:href|action)\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)


def all_of() -> dict[str, str]:
    """Under each link's key the text that stands for it: the real one is made while sending."""
    dead = _("（送信時に作られます）")
    return {key: f"https://…{PATHS[purpose]}{dead}" for purpose, key in LINK_KEYS.items()}


def deaden(html: str) -> str:
    """Return the same HTML with nothing in it that can be followed."""
    return _HREF.sub("", html)
