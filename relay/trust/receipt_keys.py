"""Signatures below receipts: a detached JWS (RFC 7515) with EdDSA (RFC 8037) over canonical JSON (RFC 8785).

The file holds the receipt and its signature, both readable. What is signed is the receipt's canonical form, so that
other spaces or another order of its names change nothing, and any other content does. The public keys, published at
PATH with those of earlier keys, are all that a check needs.
"""

import json
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from joserfc import jws
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError, SecurityWarning
from joserfc.jwk import KeySet, OKPKey

from relay.config import Settings
from relay.errors import DomainError

PATH = "/.well-known/relay-keys.json"
MAX_SIZE = 10_000_000
"""How many bytes of a file are read; a receipt of a hundred long consents has a fifth of it."""
ALGORITHM = "EdDSA"
TYPE = "consent-receipt+json"
"""What is signed (RFC 8725, 3.11). With it the header is a multiple of three bytes, so no letter has spare bits."""
# RFC 9864 prefers the name Ed25519; the verifiers that people have know EdDSA
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)


class ReceiptUnreadable(DomainError):
    """Raise where a file is no receipt."""

    code = "receipt-unreadable"
    message = _l("Relayの同意の控えとして読めないファイルです。ダウンロードしたままのファイルをお使いください。")


class ReceiptKeyUnknown(DomainError):
    """Raise where the key that the signature names is not among the public keys at hand."""

    code = "receipt-key-unknown"


class ReceiptAltered(DomainError):
    """Raise where the signature does not fit what the receipt says."""

    code = "receipt-altered"
    message = _l("署名と内容が合いません。発行されたあとで、内容か署名が変わっています。")


class ReceiptKeysUnreadable(DomainError):
    """Raise where a file holds no public keys."""

    code = "receipt-keys-unreadable"
    message = _l("公開鍵（JSON Web Key Set）として読めないファイルです。")


def canonical(value: Any) -> bytes:
    """Return the canonical form of a JSON value (RFC 8785)."""
    return rfc8785.dumps(value)


def key_of(secret: str) -> OKPKey:
    """Return the Ed25519 key whose private half these 32 bytes in base64url are, named by its thumbprint (RFC 7638)."""
    raw = Ed25519PrivateKey.from_private_bytes(_decoded(secret))
    key = OKPKey.import_key(raw, {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()
    return key


def public_keys(settings: Settings) -> dict[str, Any]:
    """Return the public keys of this installation as a JSON Web Key Set (RFC 7517), the one in force first."""
    secrets = dict.fromkeys((settings.receipt_key, *settings.receipt_key_fallbacks))
    return {"keys": [key_of(each).as_dict(private=False) for each in secrets]}


def sign(receipt: dict[str, Any], key: OKPKey) -> bytes:
    """Return the file of a receipt: what it says, and the signature below it, in canonical form."""
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    signature = jws.serialize_compact(header, canonical(receipt), key, algorithms=[ALGORITHM])
    return canonical({"receipt": receipt, "signature": jws.detach_content(signature)})


def verify(file: bytes, public: dict[str, Any]) -> dict[str, Any]:
    """Return what a receipt says, where one of these public keys (a key set) has signed just that.

    Raises ReceiptUnreadable, ReceiptKeyUnknown, ReceiptAltered, ReceiptKeysUnreadable.
    """
    receipt, signature = _read(file)
    keys = _key_set(public)
    try:
        signed = jws.deserialize_compact(signature, keys, algorithms=[ALGORITHM], payload=canonical(receipt))
    except InvalidKeyIdError as error:
        raise ReceiptKeyUnknown(
            _(
                "署名の鍵が、手元の公開鍵の中にありません。発行したRelayの「%(path)s」を保存し、"
                "「--key」で指定してください。",
                path=PATH,
            )
        ) from error
    except BadSignatureError as error:
        raise ReceiptAltered from error
    except (JoseError, ValueError) as error:
        raise ReceiptUnreadable from error
    if signed.headers().get("typ") != TYPE or not _is_exact(signature.rpartition(".")[2]):
        raise ReceiptAltered
    return receipt


def _read(file: bytes) -> tuple[dict[str, Any], str]:
    try:
        content = json.loads(file[: MAX_SIZE + 1], object_pairs_hook=_each_name_once)
        receipt, signature = content.pop("receipt"), content.pop("signature")
    except (ValueError, RecursionError, KeyError, AttributeError, TypeError) as error:
        raise ReceiptUnreadable from error
    if content or not isinstance(receipt, dict) or not isinstance(signature, str) or len(file) > MAX_SIZE:
        raise ReceiptUnreadable
    return receipt, signature


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that is there twice: programs differ in which of its values they read (RFC 7493)."""
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return found


def _key_set(public: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set({"keys": public["keys"]} if "keys" in public else {"keys": [public]})
    except (JoseError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ReceiptKeysUnreadable from error


def _is_exact(text: str) -> bool:
    """Return whether these are the only letters that say these bytes: the last one has bits that decoders ignore."""
    return urlsafe_b64encode(_decoded(text)).decode().rstrip("=") == text


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
