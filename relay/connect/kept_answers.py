"""Answers kept for a request that is sent again with its Idempotency-Key (draft-ietf-httpapi-idempotency-key-header).

A row is written in the transaction of the act, so there is an answer exactly where there was an act. Two requests at
once wait for each other at its unique key, and the second one reads what the first was told.
"""

import hashlib
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import KeptAnswer
from relay.models.upsert import upsert

KEPT_FOR = timedelta(hours=24)


class OtherRequest(DomainError):
    """Raise where a key that answered one request comes with another."""

    code = "idempotency-key-reused"
    message = _l(
        "同じIdempotency-Keyで、内容の違うリクエストを受け取りました。新しい処理はしていません。"
        "別の内容を送るときは、新しいキーを付けてください。"
    )


def begin(session: Session, api_key_id: int, endpoint: str, repeated_key: str, request: bytes) -> KeptAnswer | None:
    """Return the answer that this request had before; None where it is the first, which is then begun.

    Raises OtherRequest where the key was sent with other contents.
    """
    asked = hashlib.sha256(request).hexdigest()
    fresh = upsert(session, KeptAnswer).values(
        at=clock.now(), api_key_id=api_key_id, endpoint=endpoint, repeated_key=repeated_key, request_hash=asked
    )
    if session.execute(fresh.on_conflict_do_nothing().returning(KeptAnswer.id)).scalar() is not None:
        return None
    before = session.scalars(_of(api_key_id, endpoint, repeated_key)).one()
    if before.request_hash != asked:
        raise OtherRequest
    return before


def keep(session: Session, api_key_id: int, endpoint: str, repeated_key: str, status: int, body: str) -> None:
    """Keep the answer of the request that was begun."""
    kept = session.scalars(_of(api_key_id, endpoint, repeated_key)).one()
    kept.status, kept.body = status, body


def sweep(session: Session) -> None:
    """Delete the answers that nobody may ask for again."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.at < clock.now() - KEPT_FOR))


def _of(api_key_id: int, endpoint: str, repeated_key: str) -> Select[KeptAnswer]:
    return select(KeptAnswer).where(
        KeptAnswer.api_key_id == api_key_id,
        KeptAnswer.endpoint == endpoint,
        KeptAnswer.repeated_key == repeated_key,
    )
