"""Secrets at rest: sealed with a key derived from the secret key, opened with an earlier one too (E-24).

A sealed text names the key it was sealed with, so that rotation can tell which are still to be sealed again.
"""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_babel import lazy_gettext as _l

from relay.config import Settings
from relay.errors import DomainError


class SealBroken(DomainError):
    """Raise where the key a secret was sealed with is missing."""

    code = "seal-broken"
    message = _l(
        "保存したパスワードを読み出せません。運営者に、暗号鍵（RELAY_SECRET_KEY_FALLBACKS）の確認を頼んでください。"
    )


def seal(secret: str) -> str:
    """Return the secret as it may be stored: "<key id>:<Fernet token>"."""
    name, box = _boxes()[0]
    return f"{name}:{box.encrypt(secret.encode()).decode()}"


def unseal(sealed: str) -> str:
    """Return the secret again. Raises SealBroken when neither the secret key nor a fallback opens it."""
    name, _colon, token = sealed.partition(":")
    for known, box in _boxes():
        if known == name:
            try:
                return box.decrypt(token.encode()).decode()
            except InvalidToken:
                break
    raise SealBroken


def opens(sealed: str) -> bool:
    """Return whether the secret key or a fallback opens it."""
    try:
        unseal(sealed)
    except SealBroken:
        return False
    return True


def is_current(sealed: str) -> bool:
    """Return whether the secret is sealed with today's key, not with a fallback."""
    return sealed.partition(":")[0] == _boxes()[0][0]


def _boxes() -> list[tuple[str, Fernet]]:
    kept: list[tuple[str, Fernet]] | None = current_app.extensions.get("relay_vault")
    if kept is None:
        settings: Settings = current_app.config["RELAY"]
        kept = [_box(key) for key in (settings.secret_key, *settings.secret_key_fallbacks)]
        current_app.extensions["relay_vault"] = kept
    return kept


def _box(secret_key: str) -> tuple[str, Fernet]:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"relay secrets at rest").derive(secret_key.encode())
    return sha256(derived).hexdigest()[:8], Fernet(base64.urlsafe_b64encode(derived))
