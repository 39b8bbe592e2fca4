"""Links that lead nowhere: what a preview, or a sent mail on screen, shows in place of the real ones."""

import re
from collections.abc import Iterable

from flask_babel import gettext as _

from relay.mail.tokens import Link

_HREF = re.compile(r"""\s(?:href|action)\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)


def of(links: Iterable[Link]) -> dict[str, str]:
    """Return under each link's key the text that replaces it: the real one is made while sending."""
    dead = _("（送信時に作られます）")
    return {link.key: f"https://…{link.path}{dead}" for link in links}


def deaden(html: str) -> str:
    """Return the same HTML with nothing in it that can be followed."""
    return _HREF.sub("", html)
