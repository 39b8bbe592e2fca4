"""Cells of a table that a spreadsheet will open: never a formula (E-16), and what Shift_JIS cannot write."""

from collections.abc import Iterator

_BEGINS_A_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")
GETA = "〓"
"""What printers set where a character was missing."""


def safe_cell(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: an apostrophe stands before what begins like one."""
    begun = text.lstrip(" \u3000\u00a0")[:1] or text[:1]
    return f"'{text}" if begun in _BEGINS_A_FORMULA and text else text


def in_cp932(text: str) -> tuple[bytes, list[str]]:
    """The text as Windows Japanese writes it, and the characters it cannot write, for which a geta stands."""
    try:
        return text.encode("cp932"), []
    except UnicodeEncodeError:
        missing = [character for character in text if not _writable(character)]
        return "".join(_written(text)).encode("cp932"), missing


def _written(text: str) -> Iterator[str]:
    for character in text:
        yield character if _writable(character) else GETA


def _writable(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
