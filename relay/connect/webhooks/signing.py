"""The signature of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, by each secret in force (D-3, D-4)."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SECRET_SIZE = 32
"""Random bytes; the standard asks for 24 to 64."""


def new_secret() -> str:
    """Return a new secret as it is shown: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_SIZE)).decode()


def headers(uid: str, at: datetime, body: str, known: Iterable[str]) -> dict[str, str]:
    """Return the three headers of one try; the signatures stand in the order of the secrets."""
    moment = int(at.timestamp())
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(sign(uid, moment, body, secret) for secret in known),
    }


def sign(uid: str, moment: int, body: str, secret: str) -> str:
    """Return one signature of a body sent at `moment`, in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{uid}.{moment}.{body}".encode(), "sha256").digest()
    return f"v1,{base64.b64encode(digest).decode()}"
