"""Erased people, as hashes of random keys: they outlive the data, so that a restored backup can be cleaned."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import Key, Moment, Table, keep


class ErasedKey(Table):
    """The hash of an erased person's random key: what a restored backup is cleaned by (A-26)."""

    __tablename__ = "erased_keys"
    __erasure__ = (keep("hashes of random keys: they tell nothing of anyone"),)

    id: Mapped[Key]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[Moment]
