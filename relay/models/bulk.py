"""Acts on more people than one request can wait for: what is done, to whom, and how far the worker has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    UtcDateTime,
    company_table,
    keep,
    within_company,
)


class BulkRun(CompanyScoped, Table):
    """One act on everybody who fits a search, done by the worker in chunks, newest people first."""

    __tablename__ = "bulk_runs"
    __erasure__ = (keep("ids and counts; the search itself is forgotten as soon as the act is done"),)
    __retention__ = (retention.BULK_SEARCH,)
    __personal__ = ("conditions",)
    __table_args__ = company_table(
        within_company("entry_id", "journal_entries", ondelete="CASCADE"),
        Index("ix_bulk_runs_company_entry", "company_id", "entry_id"),
    )

    id: Mapped[Key]
    entry_id: Mapped[Ref]
    action: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What is done: an act, and the ids and closed words it needs."""
    conditions: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Whom it is done to; a search may hold a name, so it stays only until the act is done."""
    below_id: Mapped[int] = mapped_column(BigId)
    """People with smaller ids are still to come; whoever came in after the act began is above."""
    seen: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
