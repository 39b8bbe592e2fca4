"""The tiny placeholder replacer of mail templates: {{氏名}} and its like, never a template language (E-15).

One pass, so a value that looks like a placeholder stays what it is; escaping is the mail layout's part.
"""

import re
from collections.abc import Collection, Mapping

NAME = "氏名"
POSITION = "応募職種"
OFFERED = "求人"
COMPANY = "会社名"
SENDER = "担当者"
REMARK = "ひとこと"
KNOWN = (NAME, POSITION, COMPANY, SENDER, REMARK)
"""What a result mail can be filled with."""
OFFERING = (NAME, OFFERED, COMPANY, SENDER, REMARK)
"""What a mail about an open position can be filled with."""
EVERY = (*KNOWN, OFFERED)
INTERVIEWER = "面接官"

_BRACES = re.compile(r"[{｛]{2}([^{}｛｝\n]*)[}｝]{2}")  # spaces are taken off later: matched here, they would crawl
_STRAY = re.compile(r"[{}｛｝]{2,}")
_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*")


def canonical(text: str) -> str:
    """Return the text with every placeholder written as {{名前}}, however its braces and spaces were typed (F-12)."""
    return _BRACES.sub(lambda found: f"{{{{{found[1].strip()}}}}}", text)


def named(text: str) -> list[str]:
    """Return the names between braces, each once, in order; known or not."""
    return list(dict.fromkeys(found[1].strip() for found in _BRACES.finditer(text)))


def unknown(text: str, known: Collection[str] = KNOWN) -> list[str]:
    """Return the names nobody can fill in."""
    return [name for name in named(text) if name not in known]


def has_stray_braces(text: str) -> bool:
    """Return whether a placeholder was opened or closed only by half."""
    return bool(_STRAY.search(_BRACES.sub("", text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with each placeholder replaced by its value; a value is never read for placeholders again."""
    return _BRACES.sub(lambda found: values.get(found[1].strip(), ""), text)


def paragraphs(body: str, values: Mapping[str, str]) -> list[str]:
    """Return the filled paragraphs of a mail. One that asks for the remark disappears when there is none."""
    kept = (part for part in _split(body) if values.get(REMARK, "").strip() or REMARK not in named(part))
    return [piece for part in kept for piece in _split(fill(part, values))]


def shared_text(body: str) -> str:
    """Return what every person reads alike: the body without the paragraphs of a personal remark."""
    return "\n\n".join(part for part in _split(body) if REMARK not in named(part))


def _split(text: str) -> list[str]:
    return [part.strip("\n") for part in _PARAGRAPHS.split(text.strip()) if part.strip()]
