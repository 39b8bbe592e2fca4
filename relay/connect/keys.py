"""API keys: making, naming and revoking them, and finding whom one belongs to (D-13).

A key reads `relay_live_<8 characters it is found by>_<43 random characters><checksum>`: its beginning and its checksum
let secret scanners know it for sure. The secret is shown once; at rest there is its SHA-256.
"""

import re
import secrets
import string
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from zlib import crc32

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import ApiKey, ApiScope, EventTag, record, scopes
from relay.models.api_keys import KEY_ID_LENGTH, MAX_KEY_NAME
from relay.text import clean
from relay.tokens import same, token_hash

MAX_KEYS = 20
"""Living ones of an organisation: so many lines can be looked through for the one that leaked."""
YEAR = timedelta(days=365)
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_LENGTH = 43
"""Characters, 256 random bits."""
_CHECKSUM_LENGTH = 6
_SHAPE = re.compile(
    rf"relay_(?:live|test)_([{_BASE62}]{{{KEY_ID_LENGTH}}})_([{_BASE62}]{{{_SECRET_LENGTH}}})"
    rf"([{_BASE62}]{{{_CHECKSUM_LENGTH}}})"
)
_LOOKED_UP = "token look-up: whose an API key is is not known before"


@dataclass(frozen=True)
class KeyOwner:
    """The company or the partner whose key it is."""

    company_id: int | None = None
    partner_id: int | None = None

    def scope(self, session: Session) -> AbstractContextManager[None]:
        """Return the scope that its keys are seen in."""
        if self.company_id is not None:
            return scopes.company(session, self.company_id)
        return scopes.partner(session, scopes.required(self.partner_id))

    def choices(self) -> list[ApiScope]:
        """Return what a key of it may be made for."""
        return [scope for scope in ApiScope if scope.of_partner == (self.partner_id is not None)]


class KeyUnnamed(DomainError):
    """Raise where the use of a key is not said, or at too great length."""

    code = "api-key-unnamed"

    def __init__(self) -> None:
        super().__init__(
            _l("使う場所を、%(most)s文字までで入力してください。まだ作成していません。", most=MAX_KEY_NAME)
        )


class KeyWithoutScope(DomainError):
    """Raise where a key would be allowed nothing, or what only the other kind of organisation may."""

    code = "api-key-without-scope"
    message = _l("このキーでできることを、一つ以上選んでください。まだ作成していません。")


class TooManyKeys(DomainError):
    """Raise where one more would be more than can be looked through."""

    code = "too-many-api-keys"

    def __init__(self) -> None:
        super().__init__(
            _l(
                "APIキーは%(most)s件まで作成できます。まだ作成していません。使っていないものを無効にしてから、もう一度作成してください。",
                most=MAX_KEYS,
            )
        )


_LIVING = (
    select(ApiKey)
    .where(ApiKey.revoked_at.is_(None))
    .order_by(ApiKey.id.desc())
    .execution_options(populate_existing=True)
)


def living(session: Session, owner: KeyOwner) -> Sequence[ApiKey]:
    """Return the keys of an organisation that are not revoked, the newest first; expired ones are among them."""
    with owner.scope(session):
        return session.scalars(_LIVING).all()


def make(
    session: Session,
    owner: KeyOwner,
    name: str,
    allowed: Collection[ApiScope],
    *,
    by_user_id: int,
    expires_on: date | None,
    live: bool,
) -> str:
    """Make a key and return it, which is nowhere afterwards. Raises KeyUnnamed, KeyWithoutScope, TooManyKeys."""
    name = clean(name)
    if not 0 < len(name) <= MAX_KEY_NAME:
        raise KeyUnnamed
    if not allowed or not set(allowed) <= set(owner.choices()):
        raise KeyWithoutScope
    if len(living(session, owner)) >= MAX_KEYS:
        raise TooManyKeys
    public_id, secret = _random(KEY_ID_LENGTH), _random(_SECRET_LENGTH)
    made = ApiKey(
        company_id=owner.company_id,
        partner_id=owner.partner_id,
        name=name,
        public_id=public_id,
        secret_hash=token_hash(secret),
        scopes=" ".join(scope.value for scope in ApiScope if scope in allowed),
        made_at=clock.now(),
        made_by_user_id=by_user_id,
        expires_on=expires_on,
    )
    session.add(made)
    session.flush()
    _record(session, EventTag.API_KEY_MADE, owner, made.id)
    begun = f"relay_{'live' if live else 'test'}_{public_id}_{secret}"
    return begun + _checksum(begun)


def revoke(session: Session, owner: KeyOwner, key_id: int, *, by_user_id: int) -> str | None:
    """End a key at once and return its name; None where it opens nothing here any more."""
    there = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
    with owner.scope(session):
        ended = session.scalar(
            there.values(revoked_at=clock.now(), revoked_by_user_id=by_user_id).returning(ApiKey.name)
        )
    if ended is not None:
        _record(session, EventTag.API_KEY_REVOKED, owner, key_id)
    return ended


def find(session: Session, key: str) -> ApiKey | None:
    """Return the key in force that these characters are; None alike for malformed, unknown, revoked and expired."""
    shape = _SHAPE.fullmatch(key)
    if shape is None or not same(_checksum(key[:-_CHECKSUM_LENGTH]), shape[3]):
        return None
    with scopes.everyone(session, _LOOKED_UP):
        asked = select(ApiKey).where(ApiKey.public_id == shape[1], ApiKey.revoked_at.is_(None))
        found = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
    if found is None or not same(found.secret_hash, token_hash(shape[2])):
        return None
    return None if found.expires_on is not None and found.expires_on < clock.today() else found


def note_use(session: Session, key_id: int, day: date) -> None:
    """Note that a key asked for something on this day; nothing is written where that is noted."""
    unnoted = or_(ApiKey.last_used_on.is_(None), ApiKey.last_used_on < day)
    with scopes.everyone(session, _LOOKED_UP):
        session.execute(update(ApiKey).where(ApiKey.id == key_id, unnoted).values(last_used_on=day))


def _record(session: Session, tag: EventTag, owner: KeyOwner, key_id: int) -> None:
    record(session, tag, company_id=owner.company_id, partner_id=owner.partner_id, subject=("api-key", key_id))


def _random(length: int) -> str:
    return "".join(secrets.choice(_BASE62) for _ in range(length))


def _checksum(begun: str) -> str:
    """Return the CRC-32 of a key's beginning in base 62, which scanners of leaked secrets can reckon again."""
    rest, letters = crc32(begun.encode()), ""
    for _place in range(_CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(_BASE62))
        letters = _BASE62[digit] + letters
    return letters
