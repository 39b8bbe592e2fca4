"""Block keys: two people are compared only where they share one.

A name that many carry opens no comparison by itself, only together with part of a phone number or a mail address.
"""

from collections.abc import Iterator
from hashlib import blake2b

from relay.candidates.duplicates.comparison_record import ComparisonRecord, is_shared_mailbox

LARGEST_BLOCK = 60
"""A key that more people share tells nothing: a placeholder, a desk's address."""
LARGEST_NAME_BLOCK = 8
"""So many people of one name are compared by it alone; of a commoner name only with something beside it."""
_NAMES = "nr"
_SHORTEST_LOCAL = 6
_TAIL = 4


def blocking_keys_of(person: ComparisonRecord) -> Iterator[str]:
    """Yield the keys of one person; the first letter is the kind: m, l, p, and the names n (written) and r (heard)."""
    if person.mail:
        tells = len(person.local) >= _SHORTEST_LOCAL and not is_shared_mailbox(person.local)
        yield f"l{person.local}" if tells else f"m{person.mail}"
    if len(person.phone) > _TAIL:
        yield f"p{person.phone[-8:]}"
    if person.written.whole:
        yield f"n{_in_any_order(person.written.whole)}"
    if person.heard.whole:
        yield f"r{_in_any_order(person.heard.whole)}"


def narrower_keys(person: ComparisonRecord, name: str | None = None) -> Iterator[str]:
    """Return the name beside what a changed, mistyped or swapped number or address leaves as it was."""
    name = name or _in_any_order(person.written.whole or person.heard.whole)
    if not name:
        return
    if len(person.phone) > _TAIL:
        yield f"t{name} {person.phone[-_TAIL:]}"
        yield f"h{name} {person.phone[:-_TAIL]}"
    if person.local:
        yield f"a{name} {person.local[:-_TAIL]} {person.domain}"
        yield f"b{name} {person.local[-_TAIL:]}"


def names_somebody(key: str) -> bool:
    """Return whether the key is a name and nothing else."""
    return key[0] in _NAMES


def largest_block(key: str) -> int:
    """Return how many people may share the key for it to be followed."""
    return LARGEST_NAME_BLOCK if names_somebody(key) else LARGEST_BLOCK


def number_of(key: str) -> int:
    """Return the key as the table of keys has it: 64 bits that tell nothing; odd for a name alone."""
    digest = blake2b(key.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big", signed=True) & ~1) | names_somebody(key)


def _in_any_order(name: str) -> str:
    """Return the letters in order, so that 花子高橋 meets 高橋花子."""
    return "".join(sorted(name))
