"""Feeds (連携用データ): addresses by which a spreadsheet reads a company's counts without a login."""

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import BigId, CompanyScoped, Key, Moment, Ref, Table, UtcDateTime, company_table, keep

MAX_FEED_NAME = 60
"""Characters."""
_LIVING = text("revoked_at IS NULL")


class Feed(CompanyScoped, Table):
    """One address that opens the counts of its company until it is revoked; of its token there is the hash alone."""

    __tablename__ = "feeds"
    __erasure__ = (keep("an address of a company's counts, and nobody who is counted"),)
    __table_args__ = company_table(
        UniqueConstraint("token_hash"),
        Index("ix_feeds_living", "company_id", "id", sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(MAX_FEED_NAME))
    """Where it is used, as the company calls that."""
    token_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[Moment]
    made_by_user_id: Mapped[Ref]
    last_used_on: Mapped[date | None]
    """The last day it was asked for, written once a day."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_user_id: Mapped[int | None] = mapped_column(BigId)
