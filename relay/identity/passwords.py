"""Passwords: argon2id, exactly as typed, long rather than complicated (E-3, E-4)."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash (m=19 MiB, t=2, p=1) of a password exactly as typed."""
    return _hasher.hash(password)


def check_password(stored: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    try:
        return _hasher.verify(stored, password)
    except Argon2Error:
        return False


def wants_rehash(stored: str) -> bool:
    """Whether the hash was made with older parameters and should be made anew at this login."""
    return _hasher.check_needs_rehash(stored)
