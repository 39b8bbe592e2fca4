"""The applications ticked in a list, kept in its address while the list is searched, paged and left."""

from collections.abc import Collection, Iterable

from relay.text.numbers import LARGEST_ID

MAX_TICKS = 500
_MAX_LENGTH = 3_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def written(ids: Iterable[int]) -> str:
    """Return the ids as an address holds them: in order, each as the distance from the one before it, in base 36.

    As static/js/relay.js writes them; five hundred are shorter than any web server cuts an address.
    """
    ordered = sorted(set(ids))[:MAX_TICKS]
    return ".".join(_in_36(here - before) for before, here in zip([0, *ordered], ordered, strict=False))


def read(text: str) -> list[int]:
    """Return the ids of an address; from a part that cannot be read on, none."""
    found, last = [], 0
    for part in text[:_MAX_LENGTH].split(".") if text else ():
        if not part.isascii() or not part.isalnum() or len(part) > 13:
            break
        last += int(part, 36)
        if not 0 < last <= LARGEST_ID:
            break
        found.append(last)
    return list(dict.fromkeys(found))[:MAX_TICKS]


def elsewhere(ids: Iterable[int], shown: Collection[int]) -> str:
    """Return those that are on no row of the page, as an address holds them."""
    return written(id_ for id_ in ids if id_ not in shown)


def _in_36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
