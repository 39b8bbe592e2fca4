"""The meaning of a mail server's refusal (RFC 5321 4.2.2, RFC 3463).

An enhanced status is believed before the plain code, and the plain code before the words.
"""

import re

_STATUS = re.compile(rb"(?<![\d.])[45]\.(\d{1,3}\.\d{1,3})(?!\.?\d)")
_SYNTAX = frozenset({b"1.3", b"5.1", b"5.2", b"5.4"})
"""Bad address syntax, invalid command, syntax error, invalid arguments."""
_SYNTAX_CODES = frozenset({500, 501, 555})
"""A command or its parameters were not understood."""
_SYNTAX_WORDS = re.compile(
    rb"syntax|malformed|(?:bad|invalid) (?:address|mailbox) format|not a valid rfc.?\d* address", re.IGNORECASE
)


def status(reply: bytes) -> bytes:
    """Return subject and detail of the enhanced status, such as b"1.1" of 5.1.1; b"" where the reply has none."""
    found = _STATUS.search(reply)
    return found[1] if found else b""


def is_of_policy(reply: bytes) -> bool:
    """Return whether the server refuses us, not the address: by policy (5.7.x), or our sender (5.1.7, 5.1.8)."""
    known = status(reply)
    return known.startswith(b"7.") or known in {b"1.7", b"1.8"}


def is_of_address(reply: bytes) -> bool:
    """Return whether the status names the address (5.1.x)."""
    return status(reply).startswith(b"1.")


def is_of_syntax(code: int, reply: bytes) -> bool:
    """Return whether the server did not take the form of the address, which says nothing of whether it is in use."""
    if code in _SYNTAX_CODES:
        return True
    known = status(reply)
    return known in _SYNTAX if known else bool(_SYNTAX_WORDS.search(reply))
