"""Secrets and codes: random tokens, their hashes, keyed hashes and codes read out on the phone.

A token leaves the organisation once, in a mail; at rest there is only its SHA-256 (C-17).
"""

import hashlib
import hmac
import secrets

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_erasure_key() -> str:
    """Return the random key of one person, 128 bits in hexadecimal."""
    return secrets.token_hex(16)


def new_token() -> str:
    """43 url-safe characters, 256 random bits (C-17)."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """SHA-256 of a token in hex: what is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(key: bytes, purpose: str, value: str) -> str:
    """HMAC-SHA-256 of `value` under the installation's hash key; `purpose` keeps two uses from matching."""
    return hmac.new(key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Return whether two secrets are equal, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def new_code() -> str:
    """Return a person's code: seven random characters and a check character, no 0/O/1/I/L, as ABCD-EFGH."""
    body = "".join(secrets.choice(CODE_ALPHABET) for _ in range(7))
    return f"{body[:4]}-{body[4:]}{_check_character(body)}"


def parse_code(text: str) -> str | None:
    """Return the canonical ABCD-EFGH form of a code as typed or told, or None when its check character is wrong."""
    body = "".join(c for c in text.upper() if c not in " -‐－ー")
    if len(body) != 8 or any(c not in CODE_ALPHABET for c in body) or _check_character(body[:7]) != body[7]:
        return None
    return f"{body[:4]}-{body[4:]}"


def _check_character(body: str) -> str:
    """Return a weighted sum modulo 31, the alphabet's size: it notices a wrong or two swapped characters."""
    total = sum((2 * position + 1) * CODE_ALPHABET.index(c) for position, c in enumerate(body))
    return CODE_ALPHABET[total % len(CODE_ALPHABET)]
