"""Names that people gave themselves, as Relay's own letters may carry them: a name, and nothing to follow."""

import re
import unicodedata

from relay.text.names import clean

MAILED_NAME_LENGTH = 60
"""Letters of a name in a letter: longer than the names of companies are, too short for a message of one's own."""

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?//[!-~]*"  # https://…, //…
    r"|[!-?A-~]*@[!-~]*"  # anything with an @
    r"|www\.[!-~]*"
    r"|(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}[/:?#][!-~]*",  # a host with a path or a port
    re.IGNORECASE | re.ASCII,
)
_HOST = re.compile(r"\.(?=[a-z]{2})", re.IGNORECASE)
"""The dot before what may be a top-level domain: mail programs make links of it."""


def mailed_name(name: str, otherwise: str = "") -> str:
    """Return the name on one line of 60 letters, without web and mail addresses; `otherwise` if none is left.

    A letter of Relay's own sender carries it to whomever its bearer invites, so it must lead nowhere else. A name
    that merely holds a dot (U.S.製鋼, カカク.com) keeps its letters, but no mail program makes a link of it.
    """
    line = " ".join(clean(name).split())
    plain = unicodedata.normalize("NFKC", line)
    if _ADDRESS.search(plain) or _HOST.search(plain):
        line = " ".join(_HOST.sub(". ", _ADDRESS.sub(" ", plain)).split())
    short = line if len(line) <= MAILED_NAME_LENGTH else line[: MAILED_NAME_LENGTH - 1] + "…"
    return short or otherwise
